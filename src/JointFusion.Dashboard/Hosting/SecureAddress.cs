using System.Net;
using JointFusion.Orchestration;

namespace JointFusion.Dashboard;

/// <summary>Where the page and the API are served with TLS.</summary>
/// <param name="Url">https; port 0 takes a free one.</param>
/// <param name="Address">That its host means.</param>
/// <param name="Identity">Shown to all; who shows one of the same authority may ask, without a token, where the coordinator is.</param>
public sealed record SecureAddress(Uri Url, IPAddress Address, ITransportIdentity Identity);
