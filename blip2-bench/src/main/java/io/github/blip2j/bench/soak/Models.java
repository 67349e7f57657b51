package io.github.blip2j.bench.soak;

import io.github.blip2j.Blip2;
import io.github.blip2j.bench.host.Workspace;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A model of each kind, an index, and images. Image and prefix caches hold a few entries only, so
 * that they are always full.
 */
final class Models implements AutoCloseable {
  private static final List<String> WRITING = List.of("tiny-opt", "tiny-t5");
  private static final String MATCHING = "tiny-itm";
  private static final List<String> IMAGES =
      List.of(
          "alpha.png",
          "anim.gif",
          "gray.jpg",
          "landscape.png",
          "palette.png",
          "photo.bmp",
          "photo.jpg",
          "portrait.png");
  private static final int IMAGE_CACHE = 20_000; // bytes
  private static final int PREFIX_CACHE = 20_000;

  private final Workspace workspace = Workspace.create();
  private final List<Blip2> writing = new ArrayList<>();
  private final Blip2 matching;
  private final Blip2Index index;
  private final List<ImageInput> images = new ArrayList<>();

  Models(Path corpus, String backend) throws IOException {
    for (String name : IMAGES) {
      images.add(ImageSource.of(Files.readAllBytes(corpus.resolve("images").resolve(name))));
    }
    for (String name : WRITING) {
      writing.add(load(corpus.resolve(name), backend));
    }
    matching = load(corpus.resolve(MATCHING), backend);
    index = Blip2Index.open(workspace.path("index"), matching);
    for (int i = 0; i < images.size(); i++) {
      index.addImage(IMAGES.get(i), images.get(i), Map.of());
      index.addText(IMAGES.get(i), "a photo of " + IMAGES.get(i), Map.of());
    }
    index.commit();
  }

  private static Blip2 load(Path model, String backend) {
    return Blip2.builder()
        .model(model)
        .backend(backend)
        .threads(1)
        .imageCache(IMAGE_CACHE)
        .prefixCache(PREFIX_CACHE)
        .load();
  }

  /** Every task on every image. */
  List<Job> jobs() {
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      ImageInput image = images.get(i);
      ImageInput other = images.get((i + 1) % images.size());
      for (int m = 0; m < writing.size(); m++) {
        jobs.addAll(
            new WritingJobs(writing.get(m), image, other)
                .all(WRITING.get(m) + " " + IMAGES.get(i)));
      }
      jobs.addAll(new MatchingJobs(matching, index, image).all(MATCHING + " " + IMAGES.get(i)));
    }
    return jobs;
  }

  @Override
  public void close() throws IOException {
    index.close();
    matching.close();
    writing.forEach(Blip2::close);
    workspace.close();
  }
}
