package io.github.blip2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Asks a server as any client does. */
record Client(URI server, HttpClient http) {
  Client(URI server) {
    this(server, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
  }

  /** An answer. */
  record Answer(int status, String body, HttpHeaders headers) {
    /** One that did not come over the network, or is a part of one that did. */
    static Answer of(int status, String body) {
      return new Answer(status, body, HttpHeaders.of(Map.of(), (name, value) -> true));
    }

    JsonNode json() {
      try {
        return Json.MAPPER.readTree(body);
      } catch (IOException e) {
        throw new AssertionError(status + ": " + body, e);
      }
    }

    /** A field by its pointer. */
    JsonNode at(String pointer) {
      return json().at(pointer);
    }

    String code() {
      return at("/error/code").asText();
    }

    String message() {
      return at("/error/message").asText();
    }

    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    /** The data of server-sent events, in order; comments are skipped. */
    List<String> events() {
      List<String> data = new ArrayList<>();
      body.lines().filter(l -> l.startsWith("data: ")).forEach(l -> data.add(l.substring(6)));
      return data;
    }
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.resolve(path));
  }

  Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body(), response.headers());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Answer ask(String path) {
    return send(request(path).GET());
  }

  Answer post(String path, JsonNode body) {
    return post(path, body.toString());
  }

  Answer post(String path, String body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  Answer post(String path, String type, byte[] body) {
    return send(request(path).header("Content-Type", type).POST(BodyPublishers.ofByteArray(body)));
  }
}
