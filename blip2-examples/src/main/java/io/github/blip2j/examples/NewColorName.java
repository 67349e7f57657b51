package io.github.blip2j.examples;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.train.LoraOptions;
import io.github.blip2j.train.Trainer;
import io.github.blip2j.train.TrainingExample;
import io.github.blip2j.train.TrainingListener;
import io.github.blip2j.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Teaches the built-in demo model a colour that it has never seen, yellow green: once by changes of
 * low rank of its language model, once by its Q-Former. {@code main} prints how many captions of
 * new scenes are right to the letter before and afterwards.
 */
final class NewColorName {
  private static final ColoredScenes.Paint NEW =
      new ColoredScenes.Paint("yellow green", 150, 200, 40);
  private static final TrainingOptions.Every RARELY = new TrainingOptions.Every(100, 0);

  private final Path cache;
  private final List<TrainingExample> examples = new ArrayList<>();
  private final List<ColoredScenes.Scene> heldOut;
  private final List<ColoredScenes.Scene> others;

  /**
   * Draws the scenes.
   *
   * @param cache where the demo model and what is derived of it are kept
   * @param scenes to learn from, half of them with the new name
   * @param heldOut scenes with it that are only looked at, and as many without it
   */
  public NewColorName(Path cache, int scenes, int heldOut) {
    this.cache = cache;
    ColoredScenes training = new ColoredScenes(1, NEW);
    training.next(scenes / 2, true).forEach(s -> examples.add(s.example()));
    training.next(scenes / 2, false).forEach(s -> examples.add(s.example()));
    ColoredScenes test = new ColoredScenes(2, NEW);
    this.heldOut = test.next(heldOut, true);
    this.others = test.next(heldOut, false);
  }

  /**
   * Shares of captions that are right to the letter.
   *
   * @param named of scenes with the new name
   * @param others of scenes without it
   */
  public record Rates(double named, double others) {}

  /**
   * Looks at scenes that nothing was learnt from.
   *
   * @param model what to load
   * @return how often it is right
   */
  public Rates rates(Blip2Builder model) {
    try (Blip2 blip2 = model.cacheDirectory(cache).load()) {
      return new Rates(right(blip2, heldOut), right(blip2, others));
    }
  }

  private static double right(Blip2 blip2, List<ColoredScenes.Scene> scenes) {
    long right =
        scenes.stream()
            .filter(s -> blip2.caption(ImageSource.of(s.image())).text().equals(s.caption()))
            .count();
    return (double) right / scenes.size();
  }

  /**
   * The demo model.
   *
   * @return what loads it
   */
  public Blip2Builder demo() {
    return Blip2.builder().model(DemoModel.captioner(cache));
  }

  private TrainingOptions options(int steps, double rate) {
    return TrainingOptions.defaults()
        .withSteps(steps)
        .withBatches(16, 1)
        .withRates(new TrainingOptions.Rates(rate, rate / 100, steps / 10))
        .withEvery(RARELY);
  }

  /**
   * Trains changes of low rank.
   *
   * @param steps how many
   * @param adapter the folder to make
   * @param listener is told of each step
   */
  public void trainLora(int steps, Path adapter, TrainingListener listener) {
    try (Blip2 model = demo().backend("djl").cacheDirectory(cache).load();
        Trainer trainer =
            Trainer.lora(model, LoraOptions.defaults().withRank(8), options(steps, 4e-3))) {
      trainer.train(examples, List.of(), listener);
      trainer.save(adapter);
    }
  }

  /**
   * Trains the Q-Former.
   *
   * @param steps how many
   * @param checkpoint the folder to make
   * @param listener is told of each step
   */
  public void trainQFormer(int steps, Path checkpoint, TrainingListener listener) {
    try (Blip2 model = demo().backend("djl").cacheDirectory(cache).load();
        Trainer trainer = Trainer.qformer(model, options(steps, 1.5e-3))) {
      trainer.train(examples, List.of(), listener);
      trainer.save(checkpoint);
    }
  }

  /**
   * Writes scenes as images and {@code tokens.json}, what two models write about each of them: for
   * a comparison with other programs.
   *
   * @param folder where they are written
   * @param adapter of the demo model
   * @param checkpoint another model
   * @throws IOException if they cannot be written
   */
  public void writeTokens(Path folder, Path adapter, Path checkpoint) throws IOException {
    List<String> cases = new ArrayList<>();
    try (Blip2 lora = demo().adapter(adapter).cacheDirectory(cache).load();
        Blip2 qformer = Blip2.builder().model(checkpoint).cacheDirectory(cache).load()) {
      for (ColoredScenes.Scene scene : heldOut) {
        String name = "scene-" + cases.size() + ".png";
        ImageIO.write(scene.image(), "png", folder.resolve(name).toFile());
        cases.add(
            String.format(
                Locale.ROOT,
                "{\"image\": \"%s\", \"text\": \"%s\", \"adapter\": %s, \"qformer\": %s}",
                name,
                scene.caption(),
                lora.caption(ImageSource.of(scene.image())).tokenIds(),
                qformer.caption(ImageSource.of(scene.image())).tokenIds()));
      }
    }
    Files.writeString(folder.resolve("tokens.json"), "[" + String.join(",\n", cases) + "]\n");
  }

  /**
   * Runs both and prints what came of them.
   *
   * @param arguments a folder in which {@code adapter} and {@code qformer} are made, and perhaps a
   *     number of steps
   * @throws IOException if something cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int steps = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 300;
    NewColorName task = new NewColorName(Blip2.defaultCacheDirectory(), 1600, 100);
    TrainingListener said =
        new TrainingListener() {
          @Override
          public void stepped(Step step) {
            if (step.number() % 50 == 0) {
              System.out.printf(Locale.ROOT, "step %d: loss %.4f%n", step.number(), step.loss());
            }
          }
        };
    System.out.println("demo at " + DemoModel.captioner(task.cache));
    System.out.println("before: " + task.rates(task.demo()));
    long began = System.nanoTime();
    task.trainLora(steps, folder.resolve("adapter"), said);
    System.out.printf(Locale.ROOT, "LoRA: %.1f s%n", (System.nanoTime() - began) / 1e9);
    System.out.println("LoRA: " + task.rates(task.demo().adapter(folder.resolve("adapter"))));
    began = System.nanoTime();
    task.trainQFormer(steps, folder.resolve("qformer"), said);
    System.out.printf(Locale.ROOT, "Q-Former: %.1f s%n", (System.nanoTime() - began) / 1e9);
    System.out.println("Q-Former: " + task.rates(Blip2.builder().model(folder.resolve("qformer"))));
    task.writeTokens(folder, folder.resolve("adapter"), folder.resolve("qformer"));
  }
}
