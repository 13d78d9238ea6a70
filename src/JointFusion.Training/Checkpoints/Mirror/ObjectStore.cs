using System.Net;
using System.Net.Sockets;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>The objects below one place in S3-compatible storage, by their names within it. Each call waits on the caller's thread.</summary>
/// <remarks>
/// Credentials, region and endpoint are found by the SDK, as it documents. Every request has a time limit, and few retries, by the SDK.
/// Bodies are signed whole, not chunk by chunk: there are servers that store the chunks' signatures with them. One thread at a time.
/// All calls throw <see cref="CheckpointException"/>, naming place, cause and way out, where storage refuses or cannot be reached,
/// <see cref="IOException"/> where this machine's disk refuses, <see cref="OperationCanceledException"/> where the caller gives up.
/// </remarks>
internal sealed class ObjectStore(StorageAddress place) : IDisposable
{
    /// <summary>Larger files go up in parts of this size at least: one request takes 5 GiB at most, and one that fails is tried again alone.</summary>
    private const long PartBytes = 32 << 20;

    private const int Tries = 3, MostParts = 10_000;

    /// <summary>Bytes a second: slower counts as standing still.</summary>
    private const long Crawl = 100 << 10;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    /// <summary>Of a request without a body worth mention, its retries included, and of each piece of a download.</summary>
    private static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(60);

    private AmazonS3Client? client;

    public StorageAddress Place => place;

    /// <summary>In parts where it is large, one after the other; parts of an upload that fails are removed again.</summary>
    public void PutFile(string name, string path, CancellationToken stop)
    {
        var bytes = new FileInfo(path).Length;
        if (bytes <= PartBytes)
            Call(name, stop, LimitOf(bytes), (s3, until) => s3.PutObjectAsync(Request(name, request => request.FilePath = path), until));
        else
            Call(name, stop, Timeout.InfiniteTimeSpan, (s3, until) => PutPartsAsync(s3, place.Key(name), path, bytes, until));
    }

    /// <param name="bytes">Few: they are sent in one request.</param>
    public void PutBytes(string name, byte[] bytes, CancellationToken stop)
    {
        using var body = new MemoryStream(bytes, writable: false);
        Call(name, stop, LimitOf(bytes.Length), (s3, until) => s3.PutObjectAsync(Request(name, request => request.InputStream = body), until));
    }

    /// <returns>Null where there is no such object.</returns>
    public byte[]? GetBytes(string name, CancellationToken stop)
    {
        using var body = new MemoryStream();
        return Copy(name, body, static _ => { }, stop) ? body.ToArray() : null;
    }

    /// <param name="path">Must not exist.</param>
    /// <param name="received">Told the bytes of each piece.</param>
    /// <returns>False where there is no such object, any more.</returns>
    public bool GetFile(string name, string path, Action<int> received, CancellationToken stop)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        return Copy(name, file, received, stop);
    }

    /// <summary>All whose names begin so, in the order of their keys.</summary>
    public List<StoredObject> List(string beginning, CancellationToken stop) => Call(beginning, stop, Timeout.InfiniteTimeSpan, async (s3, until) =>
    {
        var all = new List<StoredObject>();
        var request = new ListObjectsV2Request { BucketName = place.Bucket, Prefix = place.Key(beginning) };
        ListObjectsV2Response page;
        do
        {
            page = await s3.ListObjectsV2Async(request, until);
            foreach (var found in page.S3Objects ?? [])
                all.Add(new StoredObject(found.Key[place.Key("").Length..], found.Size ?? 0, new DateTimeOffset((found.LastModified ?? default).ToUniversalTime())));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return all;
    });

    /// <summary>Nothing happens where there is no such object.</summary>
    public void Delete(string name, CancellationToken stop) =>
        Call(name, stop, ShortLimit, (s3, until) => s3.DeleteObjectAsync(place.Bucket, place.Key(name), until));

    public void Dispose() => client?.Dispose();

    private PutObjectRequest Request(string name, Action<PutObjectRequest> body)
    {
        var request = new PutObjectRequest { BucketName = place.Bucket, Key = place.Key(name), UseChunkEncoding = false };
        body(request);
        return request;
    }

    private async Task<CompleteMultipartUploadResponse> PutPartsAsync(AmazonS3Client s3, string key, string path, long bytes, CancellationToken stop)
    {
        var upload = (await s3.InitiateMultipartUploadAsync(place.Bucket, key, stop)).UploadId;
        try
        {
            var parts = new List<PartETag>();
            var size = Math.Max(PartBytes, (bytes + MostParts - 1) / MostParts);
            for (long begin = 0; begin < bytes; begin += size)
            {
                var part = await s3.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = place.Bucket,
                        Key = key,
                        UploadId = upload,
                        PartNumber = parts.Count + 1,
                        FilePath = path,
                        FilePosition = begin,
                        PartSize = Math.Min(size, bytes - begin),
                        UseChunkEncoding = false,
                    },
                    stop);
                parts.Add(new PartETag(parts.Count + 1, part.ETag));
            }
            return await s3.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest { BucketName = place.Bucket, Key = key, UploadId = upload, PartETags = parts }, stop);
        }
        catch
        {
            await TryAbortAsync(s3, key, upload);
            throw;
        }
    }

    /// <summary>Where that fails too, what came before is what the user should hear of; buckets can expire such parts by themselves.</summary>
    private async Task TryAbortAsync(AmazonS3Client s3, string key, string upload)
    {
        using var limit = new CancellationTokenSource(ConnectLimit);
        try
        {
            await s3.AbortMultipartUploadAsync(place.Bucket, key, upload, limit.Token);
        }
        catch (Exception e) when (IsOfStorage(e))
        {
        }
    }

    private bool Copy(string name, Stream to, Action<int> received, CancellationToken stop)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(ShortLimit);
        return Call(name, stop, Timeout.InfiniteTimeSpan, async (s3, _) =>
        {
            try
            {
                using var response = await s3.GetObjectAsync(place.Bucket, place.Key(name), limited.Token);
                var piece = new byte[1 << 20];
                while (await ReadAsync(response.ResponseStream, piece, limited.Token) is var read and > 0)
                {
                    await to.WriteAsync(piece.AsMemory(0, read), limited.Token);
                    received(read);
                    limited.CancelAfter(ShortLimit);
                }
                return true;
            }
            catch (AmazonS3Exception e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
            {
                return false;
            }
        });
    }

    /// <summary>The SDK compares what arrives with the hash that storage tells, where it tells one.</summary>
    private static async Task<int> ReadAsync(Stream body, byte[] piece, CancellationToken stop)
    {
        try
        {
            return await body.ReadAsync(piece, stop);
        }
        catch (AmazonClientException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private T Call<T>(string name, CancellationToken stop, TimeSpan limit, Func<AmazonS3Client, CancellationToken, Task<T>> request)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limited.CancelAfter(limit);
        try
        {
#pragma warning disable VSTHRD002 // The SDK has no calls that wait; nobody else needs this thread, and there is no context to come back to.
            return request(client ??= Connect(), limited.Token).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (IsOfStorage(e))
        {
            throw StorageFault.Of(place, name, e);
        }
    }

    private static TimeSpan LimitOf(long bytes) => ShortLimit + TimeSpan.FromSeconds(bytes / Crawl);

    /// <summary>Not what this machine's disk refuses, which passes through. There is no list of what the SDK throws where a reply is cut or odd.</summary>
    private static bool IsOfStorage(Exception e) =>
        e is HttpIOException or IOException { InnerException: SocketException } || e is not (IOException or UnauthorizedAccessException or OutOfMemoryException);

    private static AmazonS3Client Connect()
    {
        var config = new AmazonS3Config
        {
            ConnectTimeout = ConnectLimit,
            Timeout = LimitOf(PartBytes),
            MaxErrorRetry = Tries - 1,
            // Other servers than Amazon's refuse the checksums that are its default by now.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var environment = new AmazonS3Config();
        if (environment.ServiceURL is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = environment.RegionEndpoint?.SystemName ?? RegionEndpoint.USEast1.SystemName;
            config.ForcePathStyle = true; // few such servers have a host name for each bucket
        }
        return new AmazonS3Client(config);
    }
}
