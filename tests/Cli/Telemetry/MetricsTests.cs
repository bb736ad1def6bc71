using System.ComponentModel;
using System.Diagnostics;

namespace Onramp.Cli.Tests.Telemetry;

/// <summary>The worker's <c>/metrics</c> after a run.</summary>
[Collection(nameof(ObservedRun))]
public sealed class MetricsTests(ObservedRun run)
{
    [Theory]
    [InlineData("onramp_step_duration_seconds_count{activity=\"CreateNamespace\",outcome=\"succeeded\"}")]
    [InlineData("onramp_step_duration_seconds_bucket{activity=\"CreateNamespace\",outcome=\"succeeded\",le=\"0.005\"}")]
    [InlineData("onramp_step_duration_seconds_bucket{activity=\"CreateNamespace\",outcome=\"succeeded\",le=\"86400\"}")]
    [InlineData("onramp_steps_running{}")]
    [InlineData("onramp_onboarding_duration_seconds_sum{outcome=\"completed\"}")]
    public void Ours_have_the_names_and_labels_that_dashboards_know(string series) => Lines.ShouldContain(line => line.StartsWith(series + " ", StringComparison.Ordinal));

    [Theory]
    [InlineData("temporal_request_total{")]
    [InlineData("temporal_workflow_completed_total{")]
    [InlineData("temporal_activity_execution_latency_seconds_bucket{")]
    [InlineData("temporal_worker_task_slots_available{")]
    [InlineData("dotnet_process_cpu_time_seconds_total{")]
    public void Those_of_temporals_core_and_of_the_runtime_are_beside_them(string series) => Lines.ShouldContain(line => line.StartsWith(series, StringComparison.Ordinal));

    [Fact]
    public void Nothing_under_way_is_nothing_running() => Lines.ShouldContain("onramp_steps_running{} 0");

    [SkippableFact]
    public async Task Promtool_finds_nothing_to_say()
    {
        using var promtool = Start("promtool", "check", "metrics");
        Skip.If(promtool is null, "promtool is not on the PATH; Debian has it in the package prometheus");
        var said = promtool!.StandardError.ReadToEndAsync();
        var told = promtool.StandardOutput.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(run.MetricsPage);
        promtool.StandardInput.Close();

        await promtool.WaitForExitAsync();

        (await said + await told, promtool.ExitCode).ShouldBe(("", 0));
    }

    private string[] Lines => run.MetricsPage.Split('\n');

    private static Process? Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
