package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.Refusal;
import java.util.Locale;
import java.util.Set;

/** Reads what requests send. */
record Bodies(ImageStore images) {
  /** The media type, in small letters and without parameters. */
  private static String type(Call call) {
    String header = call.header("Content-Type").orElse("");
    return header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  /** Whether the body is an image file itself. */
  static boolean isImage(Call call) {
    String type = type(call);
    return type.startsWith("image/") || type.equals("application/octet-stream");
  }

  /**
   * A body in JSON.
   *
   * @throws Refusal 415 if it says to be something else
   */
  static Fields json(Call call) {
    String type = type(call);
    if (!type.equals("application/json")) {
      throw new Refusal(
          415,
          "wrong_content_type",
          null,
          "Content-Type (" + (type.isEmpty() ? "none" : type) + ") must be application/json");
    }
    return Fields.of(call.body());
  }

  /** A body in JSON with these fields and no others. */
  static Fields json(Call call, Set<String> names) {
    return json(call).only(names);
  }

  /** The image that {@code image} or {@code image_id} names. */
  ServerImage image(Fields fields) {
    if (fields.has("image") == fields.has("image_id")) {
      throw Refusal.field(
          "image",
          "exactly one of image, a data: URL, and image_id must be given, but "
              + (fields.has("image") ? "both are" : "none is"));
    }
    return fields.has("image")
        ? ServerImage.ofUrl(fields.requiredText("image"), "image")
        : images.require(fields.requiredText("image_id"));
  }
}
