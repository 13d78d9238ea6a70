using System.Runtime;

/// <summary>What .NET calls first in a <c>jf</c> that <see cref="JointFusion.Tests.StartUpTests"/> starts: at the end it writes down what was loaded. Name and place are .NET's rule.</summary>
internal static class StartupHook
{
    public const string File = "JF_TESTS_LOADED";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(File) is not { } path)
            return;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            var compiled = JitInfo.GetCompiledMethodCount();
            System.IO.File.WriteAllLines(path, [$"{compiled}", .. AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name!)]);
        };
    }
}
