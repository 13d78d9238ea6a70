using System.Net.Http.Headers;
using System.Text.Json;

namespace JointFusion.EndToEnd.Tests;

/// <summary>What the workers of a running `jf run --dashboard` do now, by its API.</summary>
public sealed class LiveStatus : IDisposable
{
    private readonly HttpClient client;

    /// <param name="link">Of the live page, with its token.</param>
    public LiveStatus(string link)
    {
        var parts = link.Split("?token=");
        client = new HttpClient { BaseAddress = new Uri(parts[0]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", parts[1]);
    }

    /// <returns>Of rank 0, such as <c>training (adaptation)</c>; <c>-</c> while there is none.</returns>
    public async Task<string> DoingAsync()
    {
        using var cluster = JsonDocument.Parse(await client.GetStringAsync("/api/v1/cluster"));
        foreach (var worker in cluster.RootElement.GetProperty("nodes").EnumerateArray().SelectMany(node => node.GetProperty("workers").EnumerateArray()))
        {
            if (worker.TryGetProperty("rank", out var rank) && rank.ValueKind == JsonValueKind.Number && rank.GetInt32() == 0)
                return $"{worker.GetProperty("phase").GetString()} ({Path.GetFileName(worker.GetProperty("detail").GetString())})";
        }
        return "-";
    }

    public void Dispose() => client.Dispose();
}
