package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.CacheLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A token table is found under any of its names, and is no second tensor under another. */
class TiedTensorsTest {
  private static final Path FILE = Path.of("model.safetensors");
  private static final String TABLE = "language_model.shared.weight";
  private static final String OTHER = "language_model.encoder.embed.weight";
  private static final String HEAD = "language_model.lm_head.weight";

  private final Map<String, WeightTensor> stored = new LinkedHashMap<>();

  /** Settings whose token table has two names. */
  private record Tied() implements TextConfig {
    @Override
    public int hiddenSize() {
      return 4;
    }

    @Override
    public int heads() {
      return 1;
    }

    @Override
    public CacheLayout cache() {
      return CacheLayout.NONE;
    }

    @Override
    public int vocabularySize() {
      return 8;
    }

    @Override
    public int maxPositions() {
      return 16;
    }

    @Override
    public int startToken() {
      return 0;
    }

    @Override
    public int padToken() {
      return 1;
    }

    @Override
    public List<Integer> endTokens() {
      return List.of(2);
    }

    @Override
    public boolean encoderDecoder() {
      return true;
    }

    @Override
    public List<String> tokenTable() {
      return List.of("shared.weight", "encoder.embed.weight");
    }

    @Override
    public List<Stack> stacks() {
      return List.of();
    }

    @Override
    public LanguageProgram program(Weights weights) {
      throw new UnsupportedOperationException("settings alone");
    }
  }

  private void store(String name, Path file, long offset) {
    stored.put(name, new WeightTensor(name, DType.F32, List.of(8L, 4L), file, offset, 128));
  }

  private Map<String, WeightTensor> named() {
    return TiedTensors.named(stored, new Tied());
  }

  @Test
  void aTableUnderItsOtherNameHasItsFirstNameToo() {
    store(OTHER, FILE, 64);
    Map<String, WeightTensor> found = named();
    WeightTensor table = Objects.requireNonNull(found.get(TABLE));
    assertThat(table.name()).isEqualTo(TABLE);
    assertThat(table.offset()).isEqualTo(64);
    assertThat(found).as("one tensor, one name").containsOnlyKeys(TABLE);
    assertThat(stored).as("what was given stays").containsOnlyKeys(OTHER);
  }

  @Test
  void theFirstNameCountsWhereBothAreStored() {
    store(TABLE, FILE, 0);
    store(OTHER, FILE, 500);
    Map<String, WeightTensor> found = named();
    assertThat(found).containsOnlyKeys(TABLE, OTHER);
    assertThat(Objects.requireNonNull(found.get(TABLE)).offset()).isZero();
  }

  /** {@code torch.save} writes a head that is the table under a name of its own. */
  @Test
  void aHeadThatIsTheTableIsNoneOfItsOwn() {
    store(TABLE, FILE, 64);
    store(HEAD, FILE, 64);
    assertThat(named()).containsOnlyKeys(TABLE);
  }

  @Test
  void aHeadOfItsOwnStays() {
    store(TABLE, FILE, 64);
    store(HEAD, FILE, 192);
    assertThat(named()).containsOnlyKeys(TABLE, HEAD);
    store(HEAD, Path.of("another.safetensors"), 64);
    assertThat(named()).as("the same place of another file").containsOnlyKeys(TABLE, HEAD);
  }

  @Test
  void tensorsOutsideTheLanguageModelStay() {
    store(TABLE, FILE, 64);
    store("qformer.embeddings.weight", FILE, 64);
    assertThat(named()).containsOnlyKeys(TABLE, "qformer.embeddings.weight");
  }

  @Test
  void withoutATableNothingChanges() {
    store(HEAD, FILE, 64);
    assertThat(named()).isEqualTo(stored);
  }
}
