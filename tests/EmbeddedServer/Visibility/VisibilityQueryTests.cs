using Google.Protobuf;
using Grpc.Core;
using Onramp.EmbeddedServer.Visibility;
using static Onramp.EmbeddedServer.Tests.Storage.StoreRows;

namespace Onramp.EmbeddedServer.Tests.Visibility;

/// <summary>What each construct of the query language finds, and what each mistake is answered.</summary>
public sealed class VisibilityQueryTests(VisibilityFixture runs) : IClassFixture<VisibilityFixture>
{
    [Theory]
    [InlineData("", "a b c d e f g h")]
    [InlineData("  ", "a b c d e f g h")]
    [InlineData("Name = 'alpha'", "a")]
    [InlineData("Name = \"alpha\"", "a")]
    [InlineData("`Name` = 'alpha'", "a")]
    [InlineData("Name != 'alpha'", "b c d f g h")]
    [InlineData("Name <> 'alpha'", "b c d f g h")]
    [InlineData("Name = 'with space'", "h")]
    [InlineData("Name = 'it''s'", "f")]
    [InlineData("Name = 'it\\'s'", "f")]
    [InlineData("Name = \"it's\"", "f")]
    [InlineData("Name > 'beta'", "c f g h")]
    [InlineData("Number = 2", "b")]
    [InlineData("Number != 2", "a c d f g h")]
    [InlineData("Number > 2", "c d h")]
    [InlineData("Number >= 2", "b c d h")]
    [InlineData("Number < 2", "a f g")]
    [InlineData("Number <= 0", "f g")]
    [InlineData("Number = -5", "f")]
    [InlineData("Number > 2.5", "c d h")]
    [InlineData("Ratio = 1.5", "b")]
    [InlineData("Ratio > 0", "a b c")]
    [InlineData("Ratio < 0", "d")]
    [InlineData("Ratio >= 5e-1", "a b c")]
    [InlineData("Flag = true", "a c")]
    [InlineData("Flag != TRUE", "b f")]
    [InlineData("Number > - -2", "c d h")]
    [InlineData("Number = 1 -- and nothing else", "a")]
    [InlineData("Number /* which */ = 1", "a")]
    [InlineData("Name = true", "")]
    [InlineData("Due > false", "a b c")]
    [InlineData("Due < true", "")]
    public void Comparisons(string query, string found) => runs.Find(query).ShouldBe(found);

    [Theory]
    [InlineData("Due = '2002-02-02T12:30:00.123Z'", "b")]
    [InlineData("Due != '2002-02-02T12:30:00.123Z'", "a c")]
    [InlineData("Due > '2001-06-01T00:00:00Z'", "b c")]
    [InlineData("Due < '2003-03-02T22:00:00.0001Z'", "a b c")]
    [InlineData("Due <= '2002-02-02T14:30:00.123+02:00'", "a b")]
    [InlineData("Due BETWEEN '2001-01-01T00:00:00Z' AND '2002-12-31T00:00:00Z'", "a b")]
    [InlineData("Due > 1000000000000000000", "b c")]
    public void Times(string query, string found) => runs.Find(query).ShouldBe(found);

    [Theory]
    [InlineData("Due = '2001-01-01T00:00:00Z'", "")]
    [InlineData("Due > '2001-01-01T00:00:00Z'", "a b c")]
    [InlineData("Due <= '2001-01-01T00:00:00Z'", "")]
    [InlineData("Due IN ('2001-01-01T00:00:00.001Z')", "")]
    public void A_time_without_milliseconds_sorts_before_the_indexed_one(string query, string found) => runs.Find(query).ShouldBe(found);

    [Theory]
    [InlineData("Name IN ('alpha', 'gamma', 'unknown')", "a c")]
    [InlineData("Name NOT IN ('alpha', 'gamma')", "b d f g h")]
    [InlineData("Number IN (1, 2, 3)", "a b c")]
    [InlineData("Number NOT IN (1, 2, 3)", "d f g h")]
    [InlineData("Number BETWEEN 1 AND 3", "a b c")]
    [InlineData("Number NOT BETWEEN 1 AND 3", "d f g h")]
    [InlineData("Number between 1 and 3 and Flag = true", "a c")]
    [InlineData("Ratio BETWEEN -1 AND 0.5", "a d")]
    [InlineData("Name BETWEEN 'alpha' AND 'beta'", "a b d")]
    public void Sets_and_ranges(string query, string found) => runs.Find(query).ShouldBe(found);

    [Fact]
    public void A_page_ends_when_its_runs_take_so_many_bytes_and_the_next_goes_on()
    {
        var visibility = runs.With(new ScanOptions { MostPageBytes = 500 });
        List<string> found = [];
        List<int> sizes = [];
        var token = ByteString.Empty;
        do
        {
            var page = visibility.List(Namespace, "default", "", 0, token);
            found.AddRange(page.Executions.Select(info => info.Execution.WorkflowId));
            sizes.Add(page.Executions.Count);
            token = page.NextPageToken;
        }
        while (!token.IsEmpty);

        found.ShouldBe(["a", "b", "c", "d", "e", "f", "g", "h"], ignoreOrder: true);
        sizes.Max().ShouldBeLessThan(8);
    }

    [Fact]
    public void A_run_that_is_larger_than_a_page_is_one()
    {
        runs.With(new ScanOptions { MostPageBytes = 1 }).List(Namespace, "default", "", 0, ByteString.Empty).Executions.ShouldHaveSingleItem();
    }

    [Fact]
    public void More_lists_at_once_than_there_is_room_for_are_refused() =>
        Should.Throw<RefusalException>(() => runs.With(new ScanOptions { MostAtOnce = 0 }).List(Namespace, "default", "", 0, ByteString.Empty))
            .Kind.ShouldBe(RefusalKind.ResourceExhausted);

    [Theory]
    [InlineData("Number > 0 AND Flag = true", "a c")]
    [InlineData("Number > 5 OR Name = 'beta'", "b d h")]
    [InlineData("Number = 1 OR Number = 2 AND Flag = false", "a b")]
    [InlineData("(Number = 1 OR Number = 2) AND Flag = false", "b")]
    [InlineData("NOT Number = 1", "b c d f g h")]
    [InlineData("NOT NOT Number = 1", "a")]
    [InlineData("NOT (Number = 1 OR Number = 2)", "c d f g h")]
    [InlineData("NOT (Number > 1 AND Flag = true)", "a b f g")]
    [InlineData("NOT Name IN ('alpha', 'gamma')", "b d f g h")]
    [InlineData("NOT Name STARTS_WITH 'alpha'", "b c f g h")]
    [InlineData("NOT Tags = 'x'", "c e f g h")]
    [InlineData("NOT Name IS NULL", "a b c d f g h")]
    [InlineData("Number = 1 and Flag = TRUE", "a")]
    [InlineData("((((Number = 1))))", "a")]
    [InlineData("Number = 1;", "a")]
    public void Logic(string query, string found) => runs.Find(query).ShouldBe(found);

    [Theory]
    [InlineData("Name IS NULL", "e")]
    [InlineData("Name IS NOT NULL", "a b c d f g h")]
    [InlineData("Flag is null", "d e g h")]
    [InlineData("Tags IS NULL", "e f g h")]
    [InlineData("Words IS NOT NULL", "a b c")]
    [InlineData("Name STARTS_WITH 'alpha'", "a d")]
    [InlineData("Name NOT STARTS_WITH 'alpha'", "b c f g h")]
    [InlineData("Name STARTS_WITH ''", "a b c d f g h")]
    [InlineData("Name STARTS_WITH 'no such'", "")]
    [InlineData("Name STARTS_WITH 'ALPHA'", "a d")]
    [InlineData("Name NOT STARTS_WITH 'Alpha'", "b c f g h")]
    [InlineData("Name STARTS_WITH 'a%'", "")]
    [InlineData("Name STARTS_WITH '_'", "")]
    [InlineData("WorkflowType starts_with 'Pay'", "c d e")]
    [InlineData("Unused IS NULL", "a b c d e f g h")]
    [InlineData("Unused = 'x' OR Unused != 'x'", "")]
    [InlineData("UnusedTags != 'x'", "a b c d e f g h")]
    public void Nulls_and_prefixes(string query, string found) => runs.Find(query).ShouldBe(found);

    [Theory]
    [InlineData("Words = 'quick'", "a c")]
    [InlineData("Words = 'DOG'", "b c")]
    [InlineData("Words = 'quick dog'", "a b c")]
    [InlineData("Words = 'quick-dog'", "c")]
    [InlineData("Words != 'lazy.dog fox'", "c d e f g h")]
    [InlineData("Tags = 'X'", "a b d")]
    [InlineData("Tags NOT IN ('Y', 'Z')", "a e f g h")]
    [InlineData("Words = '--'", "")]
    [InlineData("Words != 'quick'", "b d e f g h")]
    [InlineData("Tags = 'x'", "a b d")]
    [InlineData("Tags != 'x'", "c e f g h")]
    [InlineData("Tags IN ('y', 'z')", "b c d")]
    [InlineData("Tags NOT IN ('y', 'z')", "a e f g h")]
    public void Texts_and_lists(string query, string found) => runs.Find(query).ShouldBe(found);

    [Theory]
    [InlineData("ExecutionStatus = 'Running'", "a b")]
    [InlineData("ExecutionStatus != 'Running'", "c d e f g h")]
    [InlineData("ExecutionStatus IN ('Running', 'Failed')", "a b d")]
    [InlineData("ExecutionStatus NOT IN ('Running', 'Completed')", "d e f g")]
    [InlineData("ExecutionStatus = 'TimedOut'", "g")]
    [InlineData("ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_TIMED_OUT'", "g")]
    [InlineData("ExecutionStatus = 2", "c h")]
    [InlineData("ExecutionStatus > 'Failed'", "e f g")]
    [InlineData("NOT ExecutionStatus <= 'Failed'", "e f g")]
    [InlineData("ExecutionStatus BETWEEN 'Completed' AND 3", "c d h")]
    [InlineData("WorkflowType = 'Order'", "a b f")]
    [InlineData("WorkflowId = 'a'", "a")]
    [InlineData("WorkflowId != 'a'", "b c d e f g h")]
    [InlineData("WorkflowId IN ('a', 'b', 'nobody')", "a b")]
    [InlineData("WorkflowId NOT IN ('a', 'b')", "c d e f g h")]
    [InlineData("WorkflowId >= 'f'", "f g h")]
    [InlineData("RunId = 'run-c'", "c")]
    [InlineData("TaskQueue = 'orders'", "a b c d e f g h")]
    [InlineData("CloseTime IS NULL", "a b")]
    [InlineData("CloseTime > '2020-01-01T00:00:00Z'", "c d e f g h")]
    [InlineData("NOT CloseTime > '2020-01-01T00:00:00Z'", "")]
    [InlineData("StartTime = '2026-01-02T12:00:00Z'", "a")]
    [InlineData("StartTime < '2026-01-02T13:02:00+01:00'", "a b")]
    [InlineData("ExecutionTime > '2026-01-02T12:06:00Z'", "h")]
    [InlineData("ExecutionDuration >= '2s'", "g")]
    [InlineData("ExecutionDuration >= 2000000000", "g")]
    [InlineData("ExecutionDuration >= '00:00:02'", "g")]
    [InlineData("ExecutionDuration >= '0:0:2'", "g")]
    [InlineData("ExecutionDuration > true", "c d e f g h")]
    [InlineData("ExecutionDuration >= '2000000000'", "g")]
    [InlineData("ExecutionDuration < '1d'", "c d e f g h")]
    [InlineData("ExecutionStatus = 0", "")]
    [InlineData("ExecutionStatus = 'Unspecified'", "")]
    [InlineData("Number = true", "a")]
    [InlineData("ExecutionDuration < '0h0m1.5s'", "c d e f h")]
    [InlineData("HistoryLength > 4", "c d e f g h")]
    [InlineData("HistoryLength = 4", "")]
    [InlineData("ParentWorkflowId IS NULL", "a b c d e f g")]
    [InlineData("ParentWorkflowId = 'a'", "h")]
    [InlineData("RootWorkflowId = 'a'", "a h")]
    [InlineData("TemporalNamespaceDivision = 'TemporalScheduler'", "hidden")]
    [InlineData("NamespaceDivision IS NULL", "a b c d e f g h")]
    public void System_attributes(string query, string found) => runs.Find(query).ShouldBe(found);

    [Theory]
    [InlineData("Name =", "malformed SQL query: syntax error at position 34")]
    [InlineData("Number = 1 AND", "malformed SQL query: syntax error at position 42")]
    [InlineData("= 1", "malformed SQL query: syntax error at position 29")]
    [InlineData("no such thing", "malformed SQL query: syntax error at position 35 near 'such'")]
    [InlineData("this is not a query", "malformed SQL query: syntax error at position 41 near 'a'")]
    [InlineData("Number = 1 Flag = true", "malformed SQL query: syntax error at position 43 near 'Flag'")]
    [InlineData("Number BETWEEN 1", "malformed SQL query: syntax error at position 44")]
    [InlineData("(Number = 1", "malformed SQL query: syntax error at position 39")]
    [InlineData("Number = 1)", "malformed SQL query: syntax error at position 39")]
    [InlineData("Number IN ()", "malformed SQL query: syntax error at position 40")]
    [InlineData("Number NOT 1", "malformed SQL query: syntax error at position 40 near '1'")]
    [InlineData("SELECT * FROM executions", "malformed SQL query: syntax error at position 34 near 'select'")]
    [InlineData("Number = 1; DROP TABLE executions", "malformed SQL query: syntax error at position 44 near 'drop'")]
    [InlineData("Name = 'unterminated", "malformed SQL query: syntax error at position 48 near 'unterminated'")]
    [InlineData("Name $ 'x'", "malformed SQL query: syntax error at position 34 near '$'")]
    [InlineData("Key = 'reserved'", "malformed SQL query: syntax error at position 31 near 'key'")]
    [InlineData("order by", "malformed SQL query: syntax error at position 30")]
    public void What_cannot_be_parsed_is_refused_at_the_token(string query, string message) => Refusal(query).ShouldBe(message);

    [Theory]
    [InlineData("Number", "invalid expression: incomplete expression")]
    [InlineData("Number = 1 AND Flag", "invalid expression: incomplete expression")]
    [InlineData("NoSuchAttribute = 'x'", "invalid search attribute: NoSuchAttribute")]
    [InlineData("number = 1", "invalid search attribute: number")]
    [InlineData("Number = 'seven'", "invalid expression: invalid value type for search attribute Number of type Int: \"seven\" (type: string)")]
    [InlineData("Tags = true", "invalid expression: unexpected value type (expected string, got true)")]
    [InlineData("Tags IN ('x', true)", "invalid expression: unexpected value type in tuple (expected string, got true)")]
    [InlineData("Words = false", "invalid expression: unexpected value type (expected string, got false)")]
    [InlineData("Name STARTS_WITH true", "invalid expression: right-hand side of \"starts_with\" operator must be a literal string (got: true)")]
    [InlineData("ExecutionStatus STARTS_WITH 'Running'", "invalid expression: right-hand side of \"starts_with\" operator must be a literal string (got: Running)")]
    [InlineData("ExecutionStatus LIKE 'Running'", "operation is not supported: operator 'LIKE' not supported for Keyword type search attribute 'ExecutionStatus'")]
    [InlineData("Ratio = -1.5", "invalid expression: unexpected value type *sqlparser.UnaryExpr")]
    [InlineData("Number = 1 + 1", "invalid expression: unexpected value type *sqlparser.BinaryExpr")]
    [InlineData("Number + 1 = 2", "invalid expression: must be a column name but was *sqlparser.BinaryExpr")]
    [InlineData("Number = (1)", "invalid expression: unexpected value type *sqlparser.ParenExpr")]
    [InlineData("Number = (1, 2)", "invalid expression: unexpected value type sqlparser.ValTuple")]
    [InlineData("(Number) = 1", "invalid expression: must be a column name but was *sqlparser.ParenExpr")]
    [InlineData("(Number = 1) IS NULL", "invalid expression: must be a column name but was *sqlparser.ParenExpr")]
    [InlineData("StartTime < now()", "operation is not supported: nested func")]
    [InlineData("StartTime < current_timestamp", "operation is not supported: nested func")]
    [InlineData("count(*)", "operation is not supported: function expression")]
    [InlineData("lower(Name) = 'alpha'", "invalid expression: must be a column name but was *sqlparser.FuncExpr")]
    [InlineData("Number = ?", "invalid expression: unable to parse value \":v1\"")]
    [InlineData("Number = 0x10", "invalid expression: unable to parse value \"0x10\"")]
    [InlineData("Number = 1e400", "invalid expression: unable to parse value \"1e400\"")]
    [InlineData("Status = 'Running'", "invalid search attribute: status")]
    [InlineData("`Status` = 'Running'", "invalid search attribute: Status")]
    [InlineData("table.Name = 'alpha'", "malformed SQL query: syntax error at position 33 near 'table'")]
    [InlineData("runs.Name = 'alpha'", "invalid search attribute: runs.Name")]
    [InlineData("Name = Status", "operation is not supported: column name on the right side of comparison expression (did you forget to quote \"`status`\"?)")]
    [InlineData("Name = 'é' x", "malformed SQL query: syntax error at position 41 near 'x'")]
    [InlineData("Number = NULL", "invalid expression: unexpected value type *sqlparser.NullVal")]
    [InlineData("Number IN (1, NULL)", "invalid expression: unexpected value type *sqlparser.NullVal")]
    [InlineData("1 = Number", "invalid expression: must be a column name but was *sqlparser.SQLVal")]
    [InlineData("true = Flag", "invalid expression: must be a column name but was sqlparser.BoolVal")]
    [InlineData("'a word'", "operation is not supported: expression of type *sqlparser.SQLVal")]
    [InlineData("true", "operation is not supported: expression of type sqlparser.BoolVal")]
    [InlineData("Flag IS TRUE", "invalid expression: 'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'")]
    [InlineData("Flag IS NOT FALSE", "invalid expression: 'IS' operator can only be used as 'IS NULL' or 'IS NOT NULL'")]
    [InlineData("Words = ' '", "invalid expression: unexpected value for Text type search attribute (no tokens found)")]
    [InlineData("Name = 7", "invalid expression: invalid value type for search attribute Name of type Keyword: 7 (type: int64)")]
    [InlineData("Flag = 'maybe'", "invalid expression: invalid value type for search attribute Flag of type Bool: \"maybe\" (type: string)")]
    [InlineData("Due = 'yesterday'", "invalid expression: unable to parse datetime 'yesterday'")]
    [InlineData("StartTime > 'yesterday'", "invalid expression: unable to parse datetime 'yesterday'")]
    [InlineData("ExecutionStatus = 'NoSuchStatus'", "invalid expression: invalid ExecutionStatus value 'NoSuchStatus'")]
    [InlineData("ExecutionStatus = 'running'", "invalid expression: invalid ExecutionStatus value 'running'")]
    [InlineData("ExecutionStatus = 99", "invalid expression: invalid ExecutionStatus value 99")]
    [InlineData("ExecutionStatus = 1.5", "invalid expression: unexpected value type float64 for search attribute ExecutionStatus")]
    [InlineData("ExecutionDuration > 1.5", "invalid expression: unexpected value type float64 for search attribute ExecutionDuration")]
    [InlineData("ExecutionDuration = 'long'", "invalid expression: invalid duration value for search attribute ExecutionDuration: long")]
    [InlineData("Number STARTS_WITH '1'", "invalid expression: invalid value type for search attribute Number of type Int: \"1\" (type: string)")]
    [InlineData("Number STARTS_WITH 1", "operation is not supported: operator 'STARTS_WITH' not supported for Int type search attribute 'Number'")]
    [InlineData("Name LIKE 'a%'", "operation is not supported: operator 'LIKE' not supported for Keyword type search attribute 'Name'")]
    [InlineData("Name NOT LIKE 'a%'", "operation is not supported: operator 'NOT LIKE' not supported for Keyword type search attribute 'Name'")]
    [InlineData("Words > 'a'", "operation is not supported: operator '>' not supported for Text type search attribute 'Words'")]
    [InlineData("Tags > 'a'", "operation is not supported: operator '>' not supported for KeywordList type search attribute 'Tags'")]
    [InlineData("Flag BETWEEN true AND false", "invalid expression: cannot do range condition on search attribute 'Flag' of type Bool")]
    [InlineData("Words NOT BETWEEN 1 AND 2", "invalid expression: cannot do range condition on search attribute 'Words' of type Text")]
    [InlineData("Number = Ratio", "operation is not supported: column name on the right side of comparison expression (did you forget to quote \"Ratio\"?)")]
    [InlineData("Number > 0 ORDER BY Number", "operation is not supported: 'ORDER BY' clause")]
    [InlineData("ORDER BY StartTime DESC, Name", "operation is not supported: 'ORDER BY' clause")]
    [InlineData("ORDER BY Words", "operation is not supported: unable to sort by search attribute type Text")]
    [InlineData("ORDER BY Nothing", "invalid search attribute: Nothing")]
    [InlineData("GROUP BY Name", "operation is not supported: 'GROUP BY' clause is not supported for search attribute Name")]
    [InlineData("GROUP BY 1", "invalid expression: must be a column name but was *sqlparser.SQLVal")]
    [InlineData("Number > 0 LIMIT 1, 2", "operation is not supported: 'LIMIT' clause")]
    [InlineData("Number > 0 LIMIT 1 OFFSET 2", "operation is not supported: 'LIMIT' clause")]
    [InlineData("GROUP BY ExecutionStatus, Name", "operation is not supported: 'GROUP BY' clause supports only a single field")]
    [InlineData("NoSuchAttribute = 1 ORDER BY Words LIMIT 5", "operation is not supported: 'LIMIT' clause")]
    [InlineData("Number > 0 LIMIT 5", "operation is not supported: 'LIMIT' clause")]
    public void What_makes_no_sense_is_refused_with_the_reason(string query, string message) => Refusal(query).ShouldBe(message);

    [Theory]
    [InlineData(8_000)]
    [InlineData(70_000)]
    public void Deep_and_long_queries_are_refused_and_nothing_breaks(int size)
    {
        var deep = new string('(', size);
        var many = string.Join(" OR ", Enumerable.Repeat("Number = 1", size / 14));
        var values = $"Number IN ({string.Join(',', Enumerable.Repeat('1', size * 2))})";

        foreach (var query in new[] { deep, string.Concat(Enumerable.Repeat("NOT ", size / 4)), many, values })
        {
            Should.Throw<RefusalException>(() => { _ = runs.Find(query); }).Kind.ShouldBe(RefusalKind.InvalidArgument);
        }
    }

    [Fact]
    public void Values_are_never_part_of_the_statement()
    {
        runs.Find("Name = 'x'' OR 1 = 1 --'").ShouldBe("");
        runs.Find("WorkflowId = \"a' OR '1' = '1\"").ShouldBe("");
    }

    [Fact]
    public void Open_runs_come_first_then_the_latest_to_end()
    {
        runs.List("").Select(info => info.Execution.WorkflowId).ShouldBe(["b", "a", "h", "g", "f", "e", "d", "c"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Pages_overlap_nowhere_and_leave_nothing_out(int pageSize)
    {
        var found = new List<string>();
        var token = ByteString.Empty;
        do
        {
            var page = runs.Visibility.List(Namespace, "default", "TaskQueue = 'orders'", pageSize, token);
            page.Executions.Count.ShouldBeInRange(1, pageSize);
            found.AddRange(page.Executions.Select(info => info.Execution.WorkflowId));
            token = page.NextPageToken;
        }
        while (!token.IsEmpty);

        found.ShouldBe(["b", "a", "h", "g", "f", "e", "d", "c"]);
    }

    [Theory]
    [InlineData("not a token")]
    [InlineData("1|2")]
    [InlineData("\"text\"")]
    [InlineData("[1, 2, 3]")]
    [InlineData("{\"CloseOrder\": 1, \"StartTime\": \"today\"}")]
    public void A_foreign_page_token_is_refused(string token)
    {
        var refusal = Should.Throw<RefusalException>(
            () => { _ = runs.Visibility.List(Namespace, "default", "", 10, ByteString.CopyFromUtf8(token)); });

        refusal.Kind.ShouldBe(RefusalKind.Unknown);
        refusal.Message.ShouldStartWith("something went wrong, please retry (");
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("{\"of\": \"another\"}", 0)]
    [InlineData("null", 8)]
    public void A_page_token_that_names_no_place_is_none(string token, int found) =>
        runs.Visibility.List(Namespace, "default", "", 10, ByteString.CopyFromUtf8(token)).Executions.Count.ShouldBe(found);

    [Theory]
    [InlineData("", 8, "")]
    [InlineData("Number > 2", 3, "")]
    [InlineData("Name = 'nobody'", 0, "")]
    [InlineData("GROUP BY ExecutionStatus", 8, "Running 2, Completed 2, Failed 1, Canceled 1, Terminated 1, TimedOut 1")]
    [InlineData("WorkflowType = 'Order' group by ExecutionStatus", 3, "Running 2, Canceled 1")]
    [InlineData("GROUP BY TemporalNamespaceDivision", 9, " 8, TemporalScheduler 1")]
    [InlineData("Number = 1 GROUP BY NamespaceDivision", 1, " 1")]
    public void Counts(string query, long count, string groups)
    {
        var response = runs.Visibility.Count(Namespace, "default", query);

        response.Count.ShouldBe(count);
        string.Join(", ", response.Groups.Select(group => $"{group.GroupValues.Single().Data.ToStringUtf8().Trim('"')} {group.Count}"))
            .ShouldBe(groups);
    }

    [Theory]
    [InlineData("Number > 2 AND Flag = true")]
    [InlineData("Tags IN ('x', 'z')")]
    [InlineData("Tags IN ('x', 'z') OR Words = 'dog' OR WorkflowId = 'e'")]
    [InlineData("WorkflowType = 'Payment' AND ExecutionStatus IN ('Failed', 'Terminated')")]
    [InlineData("WorkflowType = 'Payment' OR ExecutionStatus = 'Running' OR ParentWorkflowId = 'a'")]
    [InlineData("NOT (WorkflowType != 'Payment' OR ExecutionStatus != 'Failed')")]
    [InlineData("RunId IN ('run-a', 'run-h') AND WorkflowId STARTS_WITH 'a'")]
    [InlineData("Unused = 'x' OR Name STARTS_WITH 'alpha'")]
    [InlineData("CloseTime > '2000-01-01T00:00:00Z' AND CloseTime < '2030-01-01T00:00:00Z'")]
    [InlineData("CloseTime BETWEEN '2000-01-01T00:00:00Z' AND '2030-01-01T00:00:00Z' OR Name = 'alpha'")]
    [InlineData("NOT CloseTime > '2000-01-01T00:00:00Z'")]
    [InlineData("ExecutionStatus = 'Failed' OR Name = 'alpha'")]
    [InlineData("ExecutionStatus IN ('Failed', 'Running')")]
    [InlineData("ExecutionStatus IN ('Failed', 'Completed') AND Number > 0")]
    public void What_an_index_leads_to_is_what_a_look_at_all_runs_finds(string query)
    {
        var expected = runs.Walking.List(Namespace, "default", query, 0, ByteString.Empty).Executions;

        runs.List(query).ShouldBe(expected);
        runs.Visibility.Count(Namespace, "default", query).ShouldBe(runs.Walking.Count(Namespace, "default", query));
        runs.Visibility.Count(Namespace, "default", query).Count.ShouldBe(expected.Count);
    }

    [Fact]
    public void A_page_that_the_order_did_not_lead_to_in_time_is_found_by_an_index()
    {
        var impatient = runs.With(new ScanOptions { FewListedByIndex = -1, TriedInOrder = TimeSpan.Zero });

        impatient.List(VisibilityFixture.CrowdedNamespace, "crowded", "Team = 'crowd'", 1000, ByteString.Empty).Executions.Count.ShouldBe(VisibilityFixture.Crowd);
    }

    [Fact]
    public void A_query_that_takes_too_long_is_ended_and_says_so()
    {
        var hasty = runs.With(new ScanOptions { Limit = TimeSpan.Zero });

        var refusal = Should.Throw<RefusalException>(() => { _ = hasty.Count(VisibilityFixture.CrowdedNamespace, "crowded", "Team IS NOT NULL AND RunId != 'x'"); });

        refusal.Kind.ShouldBe(RefusalKind.DeadlineExceeded);
        refusal.Message.ShouldStartWith("context deadline exceeded: ");
        runs.With(new ScanOptions()).Count(VisibilityFixture.CrowdedNamespace, "crowded", "").Count.ShouldBe(VisibilityFixture.Crowd);
    }

    [Fact]
    public void A_group_is_a_keyword_payload()
    {
        var payload = runs.Visibility.Count(Namespace, "default", "GROUP BY ExecutionStatus").Groups[0].GroupValues.ShouldHaveSingleItem();

        payload.Metadata["encoding"].ToStringUtf8().ShouldBe("json/plain");
        payload.Metadata["type"].ToStringUtf8().ShouldBe("Keyword");
    }

    [Fact]
    public void Runs_in_no_division_are_a_group_of_an_empty_name() =>
        runs.Visibility.Count(Namespace, "default", "GROUP BY TemporalNamespaceDivision").Groups[0].GroupValues.ShouldHaveSingleItem().Data.ToStringUtf8().ShouldBe("\"\"");

    [Fact]
    public void An_unknown_namespace_has_no_runs()
    {
        runs.Visibility.List("ns-unknown", "unknown", "", 0, ByteString.Empty).Executions.ShouldBeEmpty();
        runs.Visibility.Count("ns-unknown", "unknown", "").Count.ShouldBe(0);
    }

    [Fact]
    public void An_entry_tells_more_about_a_closed_run_than_about_an_open_one()
    {
        var open = runs.List("WorkflowId = 'b'").ShouldHaveSingleItem();
        var closed = runs.List("WorkflowId = 'h'").ShouldHaveSingleItem();

        open.CloseTime.ShouldBeNull();
        open.HistoryLength.ShouldBe(0);
        open.ExecutionDuration.ShouldBeNull();
        open.ParentExecution.ShouldBeNull();
        open.Memo.ShouldNotBeNull();
        open.SearchAttributes.IndexedFields.Count.ShouldBe(7);
        closed.HistoryLength.ShouldBe(5);
        closed.ExecutionDuration.ToTimeSpan().ShouldBe(TimeSpan.FromMilliseconds(20));
        closed.ParentExecution.WorkflowId.ShouldBe("a");
        closed.RootExecution.WorkflowId.ShouldBe("a");
    }

    [Theory]
    [InlineData("g", "Number", "0")]
    [InlineData("b", "Due", "\"2002-02-02T12:30:00.123Z\"")]
    [InlineData("c", "Due", "\"2003-03-03T00:00:00+02:00\"")]
    [InlineData("b", "Tags", "[\"x\",\"y\"]")]
    [InlineData("d", "Ratio", "-1")]
    public void An_entry_shows_the_values_of_attributes_and_not_how_they_were_sent(string workflowId, string name, string json)
    {
        var attributes = runs.List($"WorkflowId = '{workflowId}'").ShouldHaveSingleItem().SearchAttributes;

        attributes.IndexedFields[name].Data.ToStringUtf8().ShouldBe(json);
    }

    private string Refusal(string query)
    {
        var refusal = Should.Throw<RefusalException>(() => { _ = runs.Find(query); });
        refusal.Kind.ShouldBe(RefusalKind.InvalidArgument);
        refusal.Message.ShouldStartWith("invalid query: ");
        return refusal.Message["invalid query: ".Length..];
    }
}
