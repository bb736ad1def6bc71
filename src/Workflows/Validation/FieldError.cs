namespace Onramp.Workflows.Validation;

/// <summary>One broken rule: which field (camelCase path as in the JSON), which rule, and what to do, in words.</summary>
public sealed record FieldError(string Field, string Rule, string Message);

/// <summary>A request in normal form and what is wrong with it.</summary>
public sealed record ValidationResult(Contracts.ServiceRequest Request, IReadOnlyList<FieldError> Errors)
{
    public bool IsValid => Errors.Count == 0;
}
