using System.Net;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>What a server is started with.</summary>
/// <param name="Root">Absolute; where its experiments live.</param>
/// <param name="Journal">A file, or a database that several servers over the root share.</param>
/// <param name="Page">Address and token of API and live page.</param>
/// <param name="ClusterAddress">Where agents reach the coordinator.</param>
/// <param name="ClusterPort">0: a free one.</param>
internal sealed record ServerOptions(
    string Root, JournalPlace Journal, DashboardOptions Page, IPAddress ClusterAddress, int ClusterPort, ITransportIdentity Identity, DataRoots DataRoots);
