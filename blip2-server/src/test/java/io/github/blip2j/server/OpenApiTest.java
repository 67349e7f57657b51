package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.server.Client.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The description that is served is of the routes that there are, and of what they answer. */
class OpenApiTest {
  private static JsonNode document;
  private static Blip2 blip2;
  private static Services services;

  @BeforeAll
  static void read() throws IOException {
    document = Json.MAPPER.readTree(StatusApi.document());
    blip2 = Demo.captioner();
    services = new Services(blip2, ServerOptions.defaults());
  }

  @AfterAll
  static void close() {
    services.close();
    blip2.close();
  }

  @Test
  void everyRouteIsDescribedAndNothingElse() {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      path.getValue()
          .fieldNames()
          .forEachRemaining(m -> described.add(m.toUpperCase(Locale.ROOT) + " " + path.getKey()));
    }
    Set<String> routes = new TreeSet<>();
    services.routes().all().forEach(r -> routes.add(r.method() + " " + r.path()));
    assertThat(described).isEqualTo(routes).hasSize(20);
  }

  @Test
  void routesWithoutTokenAreDescribedSo() {
    for (Route route : services.routes().all()) {
      JsonNode operation =
          document.at(pointer(route.path(), route.method().toLowerCase(Locale.ROOT)));
      assertThat(operation.has("security"))
          .as(route.path())
          .isEqualTo(route.kind() == Route.Kind.OPEN);
    }
  }

  private static String pointer(String path, String method) {
    return "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/" + method;
  }

  @Test
  void everyReferenceLeadsSomewhere() {
    List<String> references = document.findValuesAsText("$ref");
    assertThat(references).hasSizeGreaterThan(20);
    for (String reference : references) {
      assertThat(document.at(reference.substring(1)).isObject()).as(reference).isTrue();
    }
  }

  @Test
  void theFieldsOfOptionsAreThoseThatAreRead() {
    assertThat(fields(document.at("/components/schemas/Options/properties")))
        .isEqualTo(new TreeSet<>(GenerationFields.NAMES));
  }

  /** A field that is described is known, whatever is wrong with its value; another is not. */
  @Test
  void theFieldsOfRequestsAreThoseThatAreRead() {
    int checked = 0;
    for (String path :
        List.of("caption", "ask", "chat", "rank", "match", "embed", "attention", "search")) {
      String reference =
          document
              .at(pointer("/api/" + path, "post"))
              .at("/requestBody/content/application~1json/schema/$ref")
              .asText();
      for (String field : fields(document.at(reference.substring(1)).get("properties"))) {
        assertThat(code(path, field)).as(path + " " + field).isNotEqualTo("unknown_field");
        checked++;
      }
      assertThat(code(path, "nothing")).isEqualTo("unknown_field");
    }
    assertThat(checked).isGreaterThan(25);
  }

  private static String code(String path, String field) {
    ObjectNode request = Json.object();
    request.putObject(field); // of no field's type
    FakeCall call = new FakeCall(request.toString()).header(":path", "/api/" + path);
    new Gate(ServerOptions.defaults(), services).serve(call);
    return answer(call).code();
  }

  private static Answer answer(FakeCall call) {
    byte[] body = Objects.requireNonNull(call.reply, "an answer").body();
    return Answer.of(call.status(), new String(body, StandardCharsets.UTF_8));
  }

  private static Set<String> fields(JsonNode properties) {
    Set<String> names = new TreeSet<>();
    properties.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void answersAreAsDescribed() throws IOException {
    ObjectNode image = Json.object().put("image", Demo.url(0));
    check("/api/caption", image.deepCopy());
    check("/api/ask", image.deepCopy().put("question", "is there a circle?"));
    check("/api/chat", image.deepCopy().put("question", "is there a circle?"));
    ObjectNode rank = image.deepCopy();
    rank.putArray("candidates").add("a circle").add("a square");
    check("/api/rank", rank);
    check("/api/embed", image.deepCopy());
    check("/api/attention", image.deepCopy());
    check("/v1/chat/completions", completion());
  }

  private static ObjectNode completion() {
    ObjectNode request = Json.object().put("model", "blip2");
    request
        .putArray("messages")
        .addObject()
        .put("role", "user")
        .putArray("content")
        .addObject()
        .put("type", "image_url")
        .putObject("image_url")
        .put("url", Demo.url(0));
    return request;
  }

  private static void check(String path, ObjectNode request) throws IOException {
    FakeCall call = new FakeCall(request.toString()).header(":path", path);
    new Gate(ServerOptions.defaults(), services).serve(call);
    Answer answer = answer(call);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    JsonNode schema =
        document.at(pointer(path, "post")).at("/responses/200/content/application~1json/schema");
    List<String> wrong = new ArrayList<>();
    compare(path, schema, answer.json(), wrong);
    assertThat(wrong).isEmpty();
  }

  /** What a value has otherwise than its schema: types, required fields, fields not described. */
  private static void compare(String at, JsonNode schema, JsonNode value, List<String> wrong) {
    if (schema.has("$ref")) {
      compare(at, document.at(schema.get("$ref").asText().substring(1)), value, wrong);
      return;
    }
    boolean right =
        switch (schema.path("type").asText()) {
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          case "string" -> value.isTextual();
          case "integer" -> value.isIntegralNumber();
          case "number" -> value.isNumber();
          default -> true;
        };
    if (!right) {
      wrong.add(at + ": expected " + schema + ", found " + value);
    }
    schema
        .path("required")
        .forEach(
            name -> {
              if (!value.has(name.asText())) {
                wrong.add(at + ": has no " + name);
              }
            });
    if (schema.has("properties")) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        JsonNode described = schema.get("properties").path(field.getKey());
        if (described.isMissingNode()) {
          wrong.add(at + ": does not describe " + field.getKey());
        } else {
          compare(at + "." + field.getKey(), described, field.getValue(), wrong);
        }
      }
    }
    if (schema.has("items")) {
      value.forEach(item -> compare(at + "[]", schema.get("items"), item, wrong));
    }
  }
}
