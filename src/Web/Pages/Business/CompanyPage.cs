using BookSaga.Web.Api;
using BookSaga.Web.Site;
using Microsoft.AspNetCore.Components;

namespace BookSaga.Web.Pages.Business;

/// <summary>A page of one company: finds it among the visitor's own before it loads anything of it.</summary>
public abstract class CompanyPage : ComponentBase
{
    [Inject]
    public BookSagaApi Api { get; set; } = null!;

    [Inject]
    public Forms Forms { get; set; } = null!;

    [Inject]
    public NavigationManager Nav { get; set; } = null!;

    /// <summary>The company's.</summary>
    [Parameter]
    public long Id { get; set; }

    [CascadingParameter]
    public HttpContext Context { get; set; } = null!;

    /// <summary>All companies of the visitor.</summary>
    public IReadOnlyList<Company> Companies { get; private set; } = [];

    /// <summary>This one; null when it is not the visitor's.</summary>
    public Company? Company { get; private set; }

    /// <summary>Why nobody knows.</summary>
    public ApiProblem? Unknown { get; private set; }

    public bool IsAdmin => Company?.Role == "admin";

    /// <summary>Whether the page shows anything: it is the visitor's company, and their role suffices.</summary>
    public bool IsAllowed => Company is not null && (IsAdmin || !ForAdmins);

    /// <summary>Whether managers who are no admins are turned away.</summary>
    protected virtual bool ForAdmins => false;

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        Prepare();
        Answer<List<Company>> mine = await Api.GetAsync<List<Company>>("/company/my?limit=100", Context.RequestAborted);
        (Companies, Unknown) = (mine.Value ?? [], mine.Problem);
        Company = Companies.FirstOrDefault(c => c.Id == Id);
        if (IsAllowed)
        {
            await LoadAsync();
        }
        else
        {
            Context.AnswerWith(Unknown is not null ? StatusCodes.Status503ServiceUnavailable : Company is null ? StatusCodes.Status404NotFound : StatusCodes.Status403Forbidden);
        }
    }

    /// <summary>Takes the page's forms.</summary>
    protected virtual void Prepare()
    {
    }

    /// <summary>Loads what the page shows.</summary>
    protected virtual Task LoadAsync() => Task.CompletedTask;

    /// <summary>Goes to a page of the company, which says what was done: a key of <c>business.done.…</c>.</summary>
    protected void Done(string page, string done)
    {
        string path = page.StartsWith('/') ? page : BusinessRoutes.Of(Id, page);
        Nav.NavigateTo($"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}done={done}");
    }

    /// <summary>The page number in the address, from 1.</summary>
    protected int PageNumber => int.TryParse(Context.Request.Query["page"], System.Globalization.CultureInfo.InvariantCulture, out int page) && page is > 0 and < 10_000 ? page : 1;
}
