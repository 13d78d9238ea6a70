using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace JointFusion.Retrieval;

/// <summary>Reads the pickle of a state dict and executes nothing: numbers, texts, lists, dictionaries and the few names of <see cref="PickleGlobal"/>.</summary>
/// <remarks>
/// A pickle is a program for a stack machine, and Python's own reader calls whatever function it names. This one has no way to call anything:
/// names that are not known are refused by name, and so is every instruction that a state dict does not need.
/// Instructions: CPython's Lib/pickletools.py.
/// </remarks>
internal sealed class PickleReader
{
    private readonly MappedFile file;
    private readonly long end;
    private readonly Func<object?, object> persistent;
    private readonly Stack<object?> stack = new();
    private readonly Dictionary<long, object?> memo = [];
    private long at;

    private PickleReader(MappedFile file, long start, long end, Func<object?, object> persistent) =>
        (this.file, at, this.end, this.persistent) = (file, start, end, persistent);

    /// <param name="start">Its first byte in the file; behind it, the byte after its last.</param>
    /// <param name="end">It must end before this byte.</param>
    /// <param name="persistent">Makes an object of what the pickle says of it: torch's storages lie outside of it.</param>
    /// <returns>Dictionaries as <see cref="Dictionary{TKey, TValue}"/> of objects, tuples as arrays, lists as lists, integers as long or, beyond 64 bits, as <see cref="BigInteger"/>.</returns>
    /// <exception cref="FormatException">It is broken, or does what no state dict does; the message says what.</exception>
    public static object? Read(MappedFile file, ref long start, long end, Func<object?, object> persistent)
    {
        try
        {
            var reader = new PickleReader(file, start, end, persistent);
            var value = reader.Run();
            start = reader.at;
            return value;
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or InvalidOperationException or InvalidCastException or KeyNotFoundException)
        {
            throw new FormatException($"the pickle is broken: {e.Message}", e);
        }
    }

    private object? Run()
    {
        while (true)
        {
            var instruction = (char)Take(1)[0];
            if (instruction == '.')
                return stack.Pop();
            if (!Container(instruction) && !Memory(instruction) && !Name(instruction))
                stack.Push(Value(instruction));
        }
    }

    private object? Value(char instruction) => instruction switch
    {
        'N' => null,
        '\x88' => true,
        '\x89' => false,
        'J' => (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)),
        'K' => (long)Take(1)[0],
        'M' => (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
        '\x8A' => Integer(Take(Take(1)[0])),
        'G' => BinaryPrimitives.ReadDoubleBigEndian(Take(8)),
        'X' => Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))),
        '\x8C' => Encoding.UTF8.GetString(Take(Take(1)[0])),
        ']' => new List<object?>(),
        '}' => new Dictionary<object, object?>(),
        ')' => Array.Empty<object?>(),
        '(' => Mark.Here,
        _ => throw new FormatException($"the pickle has the instruction 0x{(int)instruction:X2} at byte {at - 1}, which no state dict needs"),
    };

    private bool Container(char instruction)
    {
        switch (instruction)
        {
            case 't': stack.Push(ToMark()); break;
            case '\x85': stack.Push(Pop(1)); break;
            case '\x86': stack.Push(Pop(2)); break;
            case '\x87': stack.Push(Pop(3)); break;
            case 'a': Append(Pop(1)); break;
            case 'e': Append(ToMark()); break;
            case 's': SetItems(Pop(2)); break;
            case 'u': SetItems(ToMark()); break;
            default: return false;
        }
        return true;
    }

    private bool Memory(char instruction)
    {
        switch (instruction)
        {
            case '\x80': _ = Take(1); break; // the protocol's number
            case '\x95': _ = Take(8); break; // a frame's length
            case 'q': memo[Take(1)[0]] = stack.Peek(); break;
            case 'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = stack.Peek(); break;
            case '\x94': memo[memo.Count] = stack.Peek(); break;
            case 'h': stack.Push(memo[Take(1)[0]]); break;
            case 'j': stack.Push(memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))]); break;
            default: return false;
        }
        return true;
    }

    private bool Name(char instruction)
    {
        switch (instruction)
        {
            case 'c': stack.Push(Known(new PickleGlobal(Line(), Line()))); break;
            case '\x93' when Pop(2) is [string module, string name]: stack.Push(Known(new PickleGlobal(module, name))); break;
            case 'R' when Pop(2) is [PickleGlobal callable, object?[] arguments]: stack.Push(callable.Call(arguments)); break;
            case 'Q': stack.Push(persistent(stack.Pop())); break;
            // Attributes of a state dict (its metadata) hold versions of modules, which nothing here needs.
            case 'b' when Pop(2) is [Dictionary<object, object?> built, Dictionary<object, object?>]: stack.Push(built); break;
            default: return false;
        }
        return true;
    }

    private static PickleGlobal Known(PickleGlobal name) => name.IsKnown
        ? name
        : throw new FormatException($"the pickle asks for '{name.FullName}', which no state dict needs: it is refused, and nothing of it was executed");

    private void Append(object?[] items) => ((List<object?>)stack.Peek()!).AddRange(items);

    private void SetItems(object?[] pairs)
    {
        var dictionary = (Dictionary<object, object?>)stack.Peek()!;
        for (var i = 0; i < pairs.Length; i += 2)
            dictionary[pairs[i] ?? throw new FormatException("a key is None")] = pairs[i + 1];
    }

    private object?[] Pop(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
            items[i] = stack.Pop();
        return items;
    }

    private object?[] ToMark()
    {
        var items = new List<object?>();
        while (stack.Pop() is var item && item is not Mark)
            items.Add(item);
        items.Reverse();
        return [.. items];
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > end - at)
            throw new FormatException($"the pickle ends within an instruction, at byte {at}");
        at += count;
        return file.Bytes(at - count, count);
    }

    private string Line()
    {
        var line = new List<byte>();
        while (Take(1)[0] is var next && next != '\n')
            line.Add(next);
        return Encoding.UTF8.GetString([.. line]);
    }

    private static object Integer(ReadOnlySpan<byte> bytes)
    {
        var value = new BigInteger(bytes);
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : value;
    }

    private sealed class Mark
    {
        public static readonly Mark Here = new();
    }
}
