using System.Net;
using Amazon.Runtime;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>What the SDK throws, in words for the user: place, cause and way out.</summary>
internal static class StorageFault
{
    private const string Keys = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";

    public static CheckpointException Of(StorageAddress place, string name, Exception fault) =>
        new((name.Length == 0 ? place : place.Below(name)).ToString(), Cause(place, fault), fault);

    /// <summary>Whether what is stored is damaged, rather than storage out of reach.</summary>
    public static bool IsDamage(CheckpointException fault) => fault.InnerException is InvalidDataException;

    private static string Cause(StorageAddress place, Exception fault) => fault switch
    {
        AmazonServiceException { ErrorCode: "NoSuchBucket" } => $"there is no bucket '{place.Bucket}'. Create it, or give the address of another.",
        AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } refused =>
            $"access is refused: {Sentence(refused.Message)} {Keys}, and that they may list, read, write and delete there.",
        AmazonServiceException { StatusCode: HttpStatusCode.MovedPermanently or HttpStatusCode.BadRequest } wrong =>
            $"the request is refused: {Sentence(wrong.Message)} Check AWS_REGION and AWS_ENDPOINT_URL.",
        AmazonServiceException { StatusCode: >= HttpStatusCode.BadRequest } answered =>
            $"storage answers {(int)answered.StatusCode} {answered.ErrorCode}: {Sentence(answered.Message)} Try again, or look into the server's log.",
        InvalidDataException => "what is stored is not what was put there: its hash is another.",
        OperationCanceledException or TimeoutException => "storage does not answer in time. Check AWS_ENDPOINT_URL, AWS_REGION and the network.",
        AmazonClientException { InnerException: null } settings => $"{Sentence(settings.Message)} {Keys}, AWS_REGION and AWS_ENDPOINT_URL.",
        AmazonClientException or AmazonServiceException or HttpRequestException or IOException =>
            $"storage cannot be reached: {Sentence(fault.GetBaseException().Message)} Check AWS_ENDPOINT_URL, AWS_REGION and the network.",
        _ => $"storage's answer cannot be used: {fault.GetType().Name}: {Sentence(fault.Message)} Try again, and check that AWS_ENDPOINT_URL speaks S3.",
    };

    private static string Sentence(string message) => message.TrimEnd().TrimEnd('.') + ".";
}
