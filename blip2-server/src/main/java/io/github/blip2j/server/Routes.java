package io.github.blip2j.server;

import io.github.blip2j.server.http.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every route of the server. */
record Routes(List<Route> all) {
  /**
   * A route and what stands in its path's hole.
   *
   * @param id may be empty
   */
  record Found(Route route, String id) {}

  /**
   * The route of a request; HEAD is answered as GET.
   *
   * @throws Refusal 404 or 405 if there is none
   */
  Found find(String method, String path) {
    String wanted = method.equals("HEAD") ? "GET" : method;
    for (Route route : all) {
      Optional<String> id = route.match(path);
      if (id.isPresent() && route.method().equals(wanted)) {
        return new Found(route, id.get());
      }
    }
    String methods = methods(path);
    if (methods.isEmpty()) {
      throw new Refusal(
          404, "unknown_route", null, "there is nothing here; /openapi.json lists what there is");
    }
    throw new Refusal(405, "wrong_method", null, "the method must be one of " + methods)
        .with("Allow", methods);
  }

  private String methods(String path) {
    return all.stream()
        .filter(r -> r.match(path).isPresent())
        .map(Route::method)
        .collect(Collectors.joining(", "));
  }
}
