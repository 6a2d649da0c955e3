using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using BookSaga.Hosting.Idempotency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace BookSaga.Hosting.Http;

/// <summary>The service's OpenAPI document, with what the framework can't see: paging, idempotency keys, our JSON dialect.</summary>
internal static class ApiDescription
{
    internal static void AddApiDescription(this WebApplicationBuilder builder) => builder.Services.AddOpenApi("v1", static options =>
    {
        options.CreateSchemaReferenceId = SchemaName;
        options.AddSchemaTransformer(DescribeDialect);
        options.AddOperationTransformer(AddParameters);
    });

    // Many use cases have a Request of their own: LoginRequest, TopUpRequest.
    private static string? SchemaName(JsonTypeInfo type) =>
        OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name && type.Type.DeclaringType is { } useCase ? useCase.Name + name : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

    // Types with converters of their own are unknown to the framework.
    private static Task DescribeDialect(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        Type type = context.JsonTypeInfo.Type;
        JsonSchemaType nullable = Nullable.GetUnderlyingType(type) is null ? 0 : JsonSchemaType.Null;
        switch (Nullable.GetUnderlyingType(type) ?? type)
        {
            case var t when t == typeof(DateTimeOffset):
                (schema.Type, schema.Format) = (JsonSchemaType.String | nullable, "date-time");
                break;
            case var t when t == typeof(decimal):
                (schema.Type, schema.Format) = (JsonSchemaType.Number | nullable, null);
                break;
        }
        return Task.CompletedTask;
    }

    private static Task AddParameters(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        IList<object> metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<MethodInfo>().Any(handler => handler.GetParameters().Any(p => p.ParameterType == typeof(Page))))
        {
            Add("page", ParameterLocation.Query, "From 1.", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Default = 1 });
            Add("limit", ParameterLocation.Query, "Rows a page.", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "100", Default = 50 });
        }
        if (metadata.Any(IdempotencyKeys.IsMarker))
        {
            Add(IdempotencyKeys.Header, ParameterLocation.Header, "Same key and same request: the first answer again.", new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = IdempotencyKeys.MaxKeyLength });
        }
        return Task.CompletedTask;

        void Add(string name, ParameterLocation place, string description, OpenApiSchema schema) =>
            (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = place, Description = description, Schema = schema });
    }
}
