package io.github.blip2j.testkit;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.stage.CacheLayout;
import java.util.Arrays;
import java.util.Optional;

/** The oracle's language model. */
record ArrayLanguage(
    LanguageProgram program,
    ArrayWeights weights,
    SessionCount sessions,
    ArrayBackend.Abilities abilities)
    implements LanguageModel {
  private static final int MOST_AHEAD = 16;

  @Override
  public ArraySession open(int rows, int capacity) {
    return new ArraySession(this, lengths(rows, capacity), cache(rows, capacity));
  }

  @Override
  public Optional<Drafting> drafting() {
    return abilities.draft()
        ? Optional.of(
            (rows, capacity) ->
                new ArrayDraftingSession(this, lengths(rows, capacity), cache(rows, capacity)))
        : Optional.empty();
  }

  @Override
  public Optional<Stepping> stepping() {
    return abilities.loop() ? Optional.of(new Looping(this)) : Optional.empty();
  }

  private record Looping(ArrayLanguage model) implements Stepping {
    @Override
    public int most() {
      return MOST_AHEAD;
    }

    @Override
    public ArraySteppingSession open(int rows, int capacity) {
      return new ArraySteppingSession(
          model, model.lengths(rows, capacity), model.cache(rows, capacity));
    }
  }

  private Lengths lengths(int rows, int capacity) {
    return new Lengths(program.config(), rows, capacity);
  }

  private ArraySession.Cache cache(int rows, int capacity) {
    CacheLayout layout = program.decoder().cache();
    ArrayValue[] layers = new ArrayValue[2 * layout.layers()];
    Arrays.setAll(layers, i -> ArrayValue.zeros(rows, capacity, layout.heads() * layout.width()));
    return new ArraySession.Cache(layers);
  }
}
