package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.Refusal;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads what requests send.
 *
 * @param images those with an id
 * @param most images that a prompt may have
 */
record Bodies(ImageStore images, int most) {
  private static final String IMAGE = "image";
  private static final String IMAGE_ID = "image_id";
  private static final String IMAGES = "images";

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
    String field = fields.path() + IMAGE;
    if (fields.has(IMAGE) == fields.has(IMAGE_ID)) {
      throw Refusal.field(
          field,
          "exactly one of image, a data: URL, and image_id must be given, but "
              + (fields.has(IMAGE) ? "both are" : "none is"));
    }
    return fields.has(IMAGE)
        ? ServerImage.ofUrl(fields.requiredText(IMAGE), field)
        : images.require(fields.requiredText(IMAGE_ID));
  }

  /** The same, or all of the list {@code images}, each of which has one of the two fields. */
  ServerImage inOnePrompt(Fields fields) {
    if (!fields.has(IMAGES)) {
      return image(fields);
    }
    if (fields.has(IMAGE) || fields.has(IMAGE_ID)) {
      throw Refusal.field(IMAGES, "images must not be given with image or image_id");
    }
    List<Fields> listed = fields.objects(IMAGES);
    if (listed.isEmpty()) {
      throw Refusal.field(IMAGES, "images (0) must be at least 1");
    }
    if (listed.size() > most) {
      throw Refusal.unsupported(
          IMAGES, "images (" + listed.size() + ") must be " + ServerImage.allowed(most));
    }
    Set<String> names = Set.of(IMAGE, IMAGE_ID);
    return ServerImage.together(listed.stream().map(f -> image(f.only(names))).toList());
  }
}
