using Temporalio.Exceptions;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Onramp.Core.Tests.Support;

/// <summary>Looks until it is so. What is looked at changes by itself; the pause only spares the machine.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    public static async Task<T> AsAsync<T>(Func<Task<T>> look, Func<T, bool> condition, Func<T, string> describe, TimeSpan? patience = null, TimeSpan? pause = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string last;
            try
            {
                var seen = await look();
                if (condition(seen))
                    return seen;
                last = describe(seen);
            }
            catch (Exception e) when (e is WorkflowQueryFailedException or RpcException { Code: Code.NotFound or Code.FailedPrecondition or Code.DeadlineExceeded or Code.ResourceExhausted })
            {
                // It isn't there yet, no worker has seen it yet, it is only finding out, or none was free to say.
                last = e.Message;
            }
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(patience ?? World.Patience, last);
            await Task.Delay(pause ?? Pause);
        }
    }
}
