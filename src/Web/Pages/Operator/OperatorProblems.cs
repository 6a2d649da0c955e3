using BookSaga.Web.Api;
using BookSaga.Web.Site;
using BookSaga.Web.Words;

namespace BookSaga.Web.Pages.Operator;

/// <summary>Refusals in an operator's words: nothing here is about their own money.</summary>
internal static class OperatorProblems
{
    internal static string Refusal(this Texts texts, string code) =>
        texts[texts.Has("operatorproblem." + code) ? "operatorproblem." + code : "operatorproblem.other"];

    internal static string Refusal(this Texts texts, ApiProblem problem) =>
        texts.Has("operatorproblem." + problem.Code) || !problem.IsUnknown ? texts.Refusal(problem.Code) : texts["operatorproblem.unavailable"];

    /// <summary>Puts the refusal next to the reason when it is about that, else above the form.</summary>
    internal static void Refuse(this Form form, Texts texts, ApiProblem problem)
    {
        if (problem.Code.StartsWith("reason_", StringComparison.Ordinal))
        {
            form.Fail("reason", texts.Refusal(problem));
        }
        else
        {
            form.Fail(texts.Refusal(problem));
        }
    }
}
