using System.Collections.Frozen;
using System.Text;

namespace Onramp.EmbeddedServer.Visibility.Query;

/// <summary>The words of the reference server's SQL, in lower case. Other words are names.</summary>
internal static class QueryWords
{
    /// <summary>Words that mean something to the language or are reserved by it.</summary>
    private static readonly FrozenSet<string> Reserved = Words(
        """
        add and as asc auto_increment between binary by case collate convert create cross current_date current_time current_timestamp database databases
        default delete desc describe distinct div drop else end escape exists explain false for force from group having if ignore in index inner insert
        interval into is join key left like limit localtime localtimestamp lock match maxvalue mod natural next not null on or order outer regexp rename
        replace right rlike schema select separator set show starts_with straight_join substr substring table tables then to true union unique update use
        using utc_date utc_time utc_timestamp values when where
        _binary all alter analyze boolean cast column constraint extended full group_concat processlist sql_cache sql_no_cache stream
        """);

    /// <summary>Words that it knows and that can be names, too; a name so written comes out in lower case.</summary>
    private static readonly FrozenSet<string> Free = Words(
        """
        accessible against asensitive before begin bigint bit blob bool both call cascade change char character charset check comment commit committed
        condition continue current_user cursor date datetime day_hour day_microsecond day_minute day_second dec decimal declare delayed deterministic
        distinctrow double duplicate each elseif enclosed enum escaped exit expansion fetch float float4 float8 foreign fulltext generated geometry
        geometrycollection get global grant high_priority hour_microsecond hour_minute hour_second infile inout insensitive int int1 int2 int3 int4 int8
        integer io_after_gtids isolation iterate json key_block_size keys kill language last_insert_id leading leave less level linear lines linestring load
        long longblob longtext loop low_priority master_bind mediumblob mediumint mediumtext middleint minute_microsecond minute_second mode modifies
        multilinestring multipoint multipolygon names nchar no_write_to_binlog numeric offset only optimize optimizer_costs option optionally out outfile
        partition point polygon precision primary procedure query range read read_write reads real references release reorganize repair repeat repeatable
        require resignal restrict return revoke rollback schemas second_microsecond sensitive serializable session share signal signed smallint spatial
        specific sql sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl start starting status stored terminated text
        than time timestamp tinyblob tinyint tinytext trailing transaction trigger truncate uncommitted undo unlock unsigned usage varbinary varchar
        varcharacter variables varying view vindex vindexes virtual vitess_keyspaces vitess_shards vitess_tablets vschema_tables while with write xor year
        year_month zerofill
        """);

    /// <summary>The token that a bare word makes.</summary>
    public static (QueryTokenKind Kind, string Text) Read(string word)
    {
        var lower = word.ToLowerInvariant();
        return Reserved.Contains(lower) ? (QueryTokenKind.Keyword, lower == "rlike" ? "regexp" : lower)
            : Free.Contains(lower) ? (QueryTokenKind.Identifier, lower)
            : (QueryTokenKind.Identifier, word);
    }

    /// <summary>A name as messages show it: in backticks where it needs them.</summary>
    public static string Show(string name)
    {
        if (!IsName(name) || Reserved.Contains(name.ToLowerInvariant()) || Free.Contains(name.ToLowerInvariant()))
        {
            return new StringBuilder().Append('`').Append(name.Replace("`", "``", StringComparison.Ordinal)).Append('`').ToString();
        }

        return name;
    }

    /// <summary>Names with a dot are two.</summary>
    private static bool IsName(string name) => name.Split('.').All(part =>
        part.Length > 0 && QueryTokenizer.IsNameStart(part[0]) && part.All(character => QueryTokenizer.IsNameStart(character) || char.IsAsciiDigit(character)));

    private static FrozenSet<string> Words(string list) =>
        list.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
