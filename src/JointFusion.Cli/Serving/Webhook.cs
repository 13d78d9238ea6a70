using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Tells an address of the user's choice of each run that fails, stalls or finishes. Nothing waits for it.</summary>
/// <remarks>
/// <code>
/// coordinator's feed --> watcher --> the newest 256 messages --> sender: POST, again after 1, 2, 4, 8, 16 s, then given up and said so
/// </code>
/// The body is signed: X-JointFusion-Signature is sha256=HMAC-SHA256(secret, body), hexadecimal, and the body holds its time.
/// </remarks>
/// <param name="secret">Shared with the receiver.</param>
/// <param name="tell">Takes what could not be delivered.</param>
internal sealed class Webhook(Uri url, string secret, CoordinatorClient coordinator, Action<string> tell, TimeProvider clock) : IDisposable
{
    public const string SecretVariable = "JF_WEBHOOK_SECRET";
    public const string SignatureHeader = "X-JointFusion-Signature";
    private const int Kept = 256;
    private const int Attempts = 6;
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    private readonly DropOldestQueue<WebhookMessage> queue = new(Kept, _ => true);
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = AnswerTime };

    /// <summary>Until the coordinator or <paramref name="cancel"/> ends it.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var feed = coordinator.Subscribe();
        var sending = SendAllAsync(cancel);
        HashSet<string> told = new(StringComparer.Ordinal);
        await foreach (var happened in feed.ReadAllAsync(cancel))
        {
            if (happened is RunChanged changed && WebhookMessage.Of(changed.Run, clock.GetUtcNow()) is { } message && told.Add(Once(message)))
                queue.Add(message);
        }
        queue.Complete();
        await sending;
    }

    public void Dispose() => http.Dispose();

    internal static string Sign(string secret, byte[] body) => $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}";

    /// <summary>An attempt that stalls again and again is told of once.</summary>
    private static string Once(WebhookMessage message) => message.Event == "stalled" ? $"{message.Run}/{message.Attempt}" : message.Id;

    private async Task SendAllAsync(CancellationToken cancel)
    {
        long known = 0;
        await foreach (var message in queue.ReadAllAsync(cancel))
        {
            if (await RefusalAsync(message, cancel) is { } refusal)
                tell($"--webhook {url}: not told that {message.Run} {message.Event}, after {Attempts} attempts: {refusal}");
            if (queue.Dropped > known)
                tell($"--webhook {url}: it is too slow: {queue.Dropped} older messages were left out so far.");
            known = queue.Dropped;
        }
    }

    /// <returns>Why it could not be delivered; null: it was.</returns>
    private async Task<string?> RefusalAsync(WebhookMessage message, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var refusal = await PostAsync(message, cancel);
            if (refusal is null || attempt == Attempts)
                return refusal;
            await Task.Delay(TimeSpan.FromSeconds(1 << (attempt - 1)), clock, cancel);
        }
    }

    private async Task<string?> PostAsync(WebhookMessage message, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, JointFusionJson.Line);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(SignatureHeader, Sign(secret, body));
        request.Headers.Add("X-JointFusion-Event", message.Event);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return answer.IsSuccessStatusCode ? null : $"it answers {(int)answer.StatusCode} {answer.ReasonPhrase}";
        }
        catch (HttpRequestException unreachable)
        {
            return unreachable.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"it does not answer within {AnswerTime.TotalSeconds:0} s";
        }
    }
}
