using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class PostgresJournalTests
{
    [Theory]
    [InlineData("Host=10.0.0.5;Database=jf;Username=jf")]
    [InlineData("Host=db1,localhost;Database=jf;SSL Mode=Require")]
    public void Should_refuse_plain_text_when_the_database_is_on_another_machine(string connection)
    {
        var refused = Assert.Throws<FormatException>(() => PostgresJournal.Parse(connection));

        Assert.Contains("SSL Mode=VerifyFull", refused.Message, StringComparison.Ordinal);
        PostgresJournal.Parse(connection.Replace("SSL Mode=Require", "", StringComparison.Ordinal) + ";SSL Mode=VerifyFull");
    }

    [Theory]
    [InlineData("Host=localhost;Database=jf;Password=se;cret")]
    [InlineData("Host=localhost;Database=jf;Password=secret;Port=secret")]
    [InlineData("Host=localhost;Database=jf;Password=\"secret")]
    [InlineData("Host=localhost;Password=secret")]
    [InlineData("postgres://jf:secret@localhost/jf")]
    public void Should_repeat_nothing_of_it_when_it_is_malformed(string connection)
    {
        var refused = Assert.Throws<FormatException>(() => PostgresJournal.Parse(connection));

        Assert.DoesNotContain("cret", refused.ToString().Split("   at ")[0], StringComparison.Ordinal);
        Assert.Contains("Host=db1;Database=jointfusion", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_database_and_place_alone_when_it_is_shown()
    {
        var journal = PostgresJournal.Parse("Host=localhost;Port=5433;Database=jf;Username=ann;Password=secret");

        Assert.Equal("PostgreSQL, database jf at localhost:5433", $"{journal}");
        Assert.True(journal.HasPassword);
        Assert.False(PostgresJournal.Parse("Host=/run/pg;Database=jf").HasPassword);
    }

    [Fact]
    public async Task Should_say_what_to_do_and_no_password_when_nobody_answers()
    {
        var journal = PostgresJournal.Parse("Host=127.0.0.1;Port=1;Database=jf;Username=jf;Password=secret");

        var away = await Assert.ThrowsAsync<InvalidOperationException>(() => journal.CheckAsync(TestContext.Current.CancellationToken));

        Assert.Contains("PostgreSQL, database jf at 127.0.0.1:1", away.Message, StringComparison.Ordinal);
        Assert.Contains("createdb", away.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", away.ToString(), StringComparison.Ordinal);
    }
}
