package io.github.blip2j.server;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.Refusal;
import io.github.blip2j.server.http.Reply;
import java.util.Set;

/** {@code /api/images}: encodes an image once, for any number of requests that name its id. */
record ImagesApi(Blip2 blip2, ImageStore images) {
  /** Encodes and keeps the image that the body is, or that its field {@code image} is. */
  void add(Work work) {
    ServerImage image = read(work.call());
    EncodedImage encoded = work.use(() -> blip2.encode(image.input()));
    String id = images.keep(new ServerImage(image.key(), encoded));
    work.call().add("Location", "/api/images/" + id);
    work.call().reply(Reply.json(201, Json.object().put("image_id", id).toString()));
  }

  private static ServerImage read(Call call) {
    if (Bodies.isImage(call)) {
      return ServerImage.of(call.body());
    }
    Fields fields = Bodies.json(call, Set.of("image"));
    if (!fields.has("image")) {
      throw Refusal.field("image", "image must be given: a data: URL");
    }
    return ServerImage.ofUrl(fields.requiredText("image"), "image");
  }

  /** Forgets an image. */
  void remove(Work work) {
    images.forget(work.id());
    work.call().reply(Reply.empty(204));
  }
}
