package io.github.blip2j.spring.sample;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.content.Media;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;

/** Images come as the body of a request. */
@RestController
class ImageController {
  private final Blip2 blip2;
  private final ChatClient chat;

  ImageController(Blip2 blip2, ChatClient chat) {
    this.blip2 = blip2;
    this.chat = chat;
  }

  /** Through the library itself. */
  @PostMapping("/caption")
  String caption(@RequestBody byte[] image) {
    return blip2.caption(ImageSource.of(image)).text();
  }

  /** Through Spring AI. */
  @PostMapping("/ask")
  String ask(@RequestParam("question") String question, @RequestBody byte[] image) {
    return String.valueOf(
        chat.prompt().user(u -> u.text(question).media(media(image))).call().content());
  }

  /** Through Spring AI, piece by piece. */
  @PostMapping(path = "/stream", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  Flux<String> stream(@RequestParam("question") String question, @RequestBody byte[] image) {
    return chat.prompt().user(u -> u.text(question).media(media(image))).stream().content();
  }

  private static Media media(byte[] image) {
    return new Media(MimeTypeUtils.APPLICATION_OCTET_STREAM, new ByteArrayResource(image));
  }

  @ExceptionHandler
  ProblemDetail refused(UnreadableImageException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
  }

  @ExceptionHandler
  ProblemDetail busy(OverloadedException e) {
    return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, e.getMessage());
  }
}
