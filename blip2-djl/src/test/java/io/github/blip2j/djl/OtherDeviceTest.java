package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.Blip2;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.TrainingRequest;
import io.github.blip2j.testkit.Fixtures;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tensors are made where those are that they are used with. PyTorch's device "meta", whose tensors
 * have no memory, stands for a GPU: it is another one than the CPU, and both refuse to mix.
 */
class OtherDeviceTest {
  /** What the parts of the script do with tensors of that device. */
  private static final String METHODS =
      """
        def weight(self: __torch__.Blip2, bytes: Tensor, dtype: int, item: int, offset: int,
            shape: List[int]) -> List[int]:
          there = torch.to(bytes, torch.device("meta"))
          return torch.size((self).seen(there, dtype, item, offset, shape, "meta"))
        def cache(self: __torch__.Blip2) -> int:
          cache = (self).allocate(2, 3, 5, 4, "meta")
          _1 = (self).copy(0, 1, 0, 2, cache)
          forked = (self).fork([0, 1], 5, 2, cache)
          _2 = (self).adopt(0, 1, 2, forked, cache)
          larger = (self).enlarge(6, forked)
          joined = (self).join(2, [0], [1], cache, forked)
          return torch.add(torch.len(larger), torch.len(joined))
      """;

  private static final Pattern CREATION =
      Pattern.compile("torch\\.(empty|zeros|ones|full|arange|linspace|eye|tensor|rand\\w*)\\(");

  private static ScriptModule module;

  @BeforeAll
  static void open() {
    PyTorch.engine(Blip2.defaultCacheDirectory());
    ScriptParts parts = ScriptParts.read();
    String text = parts.part("loading", Map.of()) + parts.part("caches", Map.of()) + METHODS;
    module =
        new ScriptModule(
            ScriptArchive.of(ModelScript.CLASS, text, ModelScript.LISTS, ModelScript.OBJECTS),
            Device.CPU);
  }

  @AfterAll
  static void close() {
    module.close();
  }

  /** As they lie in the bytes, aligned and not: all that are handed over to a GPU are such. */
  @ParameterizedTest
  @CsvSource({"FLOAT16, 2, 0", "BFLOAT16, 2, 4", "FLOAT32, 4, 0", "FLOAT32, 4, 2"})
  void bytesOnAnotherDeviceAreSeenThere(TorchType type, int item, int offset) {
    try (PtNDManager scope = module.scope()) {
      IValue bytes = ScriptModule.bytes(scope, ByteBuffer.allocateDirect(offset + 6 * item));
      IValue[] arguments = {
        bytes,
        IValue.from((long) type.number()),
        IValue.from((long) item),
        IValue.from((long) offset),
        IValue.listFrom(2, 3)
      };
      try (IValue shape = module.run("loading", "weight", arguments)) {
        assertThat(shape.toLongArray()).containsExactly(2, 3);
      }
    }
  }

  @Test
  void aCacheIsCopiedWhereItIs() {
    try (IValue lists = module.run("language model", "cache")) {
      assertThat(lists.toLong()).isEqualTo(4 + 4);
    }
  }

  /** Each call that makes a tensor of nothing but numbers. */
  private static List<String> creations(String script) {
    List<String> calls = new ArrayList<>();
    Matcher call = CREATION.matcher(script);
    while (call.find()) {
      int end = call.end();
      for (int open = 1; open > 0; end++) {
        char c = script.charAt(end);
        open += c == '(' ? 1 : c == ')' ? -1 : 0;
      }
      calls.add(script.substring(call.start(), end));
    }
    return calls;
  }

  private static void check(String script) {
    assertThat(creations(script)).isNotEmpty().allMatch(call -> call.contains("device="));
  }

  private static String text(byte[] archive) {
    return new String(archive, StandardCharsets.ISO_8859_1); // its entries are stored as they are
  }

  /** A tensor of numbers is on the CPU unless it is told otherwise. */
  @Test
  void whateverMakesATensorNamesItsDevice() {
    List<String> names =
        Stream.of(Fixtures.WRITING_CHECKPOINTS, Fixtures.RELATIVES, List.of("tiny-itm"))
            .flatMap(List::stream)
            .toList();
    for (String name : names) {
      Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(name));
      ModelProgram program = checkpoint.program();
      for (LinearKernel kernel : LinearKernel.values()) {
        Lowering lowering = new Lowering(kernel, kernel, kernel);
        check(text(ModelScript.compile(lowering, new WeightSlots(), program)));
      }
    }
    TorchOps ops =
        new TorchOps(
            LinearKernel.HALF,
            new WeightSlots(),
            Checkpoint.open(Fixtures.directory("tiny-opt")).program().vision());
    ops.noVectors("ids", 3);
    check(ops.body());
  }

  @Test
  void soDoesATraining() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-blip2-llama"));
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    LoadRequest model = new LoadRequest(checkpoint, execution, Path.of("c"), LoadListener.NONE);
    TrainingRequest request = new TrainingRequest(model, List.of());
    check(text(TrainingScript.compile(new TrainingWeights(), request)));
  }
}
