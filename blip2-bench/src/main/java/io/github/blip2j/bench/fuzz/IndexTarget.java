package io.github.blip2j.bench.fuzz;

import io.github.blip2j.Blip2;
import io.github.blip2j.bench.host.Workspace;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.SearchOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The files of an index: one is damaged, then the index is opened, searched and written to. */
final class IndexTarget implements FuzzTarget {
  private static final String LOCK = "write.lock";
  private static final List<String> SHOWN = List.of("landscape.png", "portrait.png", "photo.jpg");

  private final Workspace workspace = Workspace.create();
  private final List<Sample> samples = new ArrayList<>();
  private final Blip2 blip2;
  private final Path folder;
  private final ImageSource image;

  IndexTarget(Path corpus, String backend) throws IOException {
    blip2 = Blip2.builder().model(corpus.resolve("tiny-itm")).backend(backend).threads(1).load();
    image = ImageSource.of(Files.readAllBytes(corpus.resolve("images/gray.png")));
    folder = workspace.path("index");
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      for (String name : SHOWN) {
        ImageSource shown = ImageSource.of(corpus.resolve("images").resolve(name));
        index.addImage(name, shown, Map.of("album", "summer"));
        index.addText(name, "a photo of " + name, Map.of());
        index.commit();
      }
      index.deleteImage(SHOWN.get(0));
      index.commit();
    }
    for (Path file : Workspace.files(folder)) {
      if (!file.endsWith(LOCK)) {
        samples.add(new Sample(file.getFileName().toString(), Files.readAllBytes(file)));
      }
    }
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public String attempt(Sample sample, byte[] bytes) throws IOException {
    Workspace.delete(folder);
    Files.createDirectories(folder);
    for (Sample whole : samples) {
      Files.write(folder.resolve(whole.name()), whole == sample ? bytes : whole.bytes());
    }
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      index.images("two cats", SearchOptions.best(3));
      index.texts(image, SearchOptions.best(3));
      index.addText("new", "a dog", Map.of());
      index.deleteText(SHOWN.get(1));
      index.commit();
      index.images();
    }
    return "";
  }

  @Override
  public void close() throws IOException {
    blip2.close();
    workspace.close();
  }
}
