using System.Net;
using System.Net.Sockets;

namespace Onramp.Cli.Hosting;

/// <summary>Looks for ports to listen on.</summary>
internal static class FreePort
{
    /// <summary>Whether one can listen there at this moment; port 0 is always free. An address that this machine doesn't have is for the listener to refuse.</summary>
    public static bool IsFree(IPEndPoint endPoint)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
