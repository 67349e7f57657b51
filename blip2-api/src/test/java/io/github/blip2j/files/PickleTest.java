package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values that pickles of tensors are made of, and everything else, which is refused. */
class PickleTest {
  private static final Storage STORAGE = new Storage("s", DType.F32, 6, 100);

  private static Object read(PickleBytes bytes) {
    return read(bytes.end());
  }

  private static Object read(byte[] bytes) {
    return Pickle.read("p", ByteBuffer.wrap(bytes), id -> STORAGE);
  }

  private static void refused(PickleBytes bytes, String... parts) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(CheckpointException.class)
        .hasMessageMatching("p: byte \\d+: expected .*, found .*")
        .satisfies(e -> List.of(parts).forEach(p -> assertThat(e).hasMessageContaining(p)));
  }

  @Test
  void constantsAreTheirValues() {
    assertThat(read(PickleBytes.start().text("é\n"))).isEqualTo("é\n");
    assertThat(read(PickleBytes.start().number(-7))).isEqualTo(-7L);
    assertThat(read(PickleBytes.start().op('K', 255))).isEqualTo(255L);
    assertThat(read(PickleBytes.start().op('M', 0xff, 0xff))).isEqualTo(65535L);
    assertThat(read(PickleBytes.start().op(0x88))).isEqualTo(true);
    assertThat(read(PickleBytes.start().op(0x89))).isEqualTo(false);
    assertThat(read(PickleBytes.start().op('N'))).isSameAs(Pickle.NONE);
    assertThat(read(PickleBytes.start().op('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0))).isEqualTo(1.5);
  }

  @Test
  void longIntegersHaveASign() {
    assertThat(read(PickleBytes.start().op(0x8a, 0))).isEqualTo(0L);
    assertThat(read(PickleBytes.start().op(0x8a, 1, 0xff))).isEqualTo(-1L);
    assertThat(read(PickleBytes.start().op(0x8a, 2, 0xff, 0x00))).isEqualTo(255L);
    assertThat(read(PickleBytes.start().op(0x8a, 5, 0, 0, 0, 0, 1))).isEqualTo(1L << 32);
    assertThat(read(PickleBytes.start().op(0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 127)))
        .isEqualTo(Long.MAX_VALUE);
    refused(PickleBytes.start().op(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1), "at most 8 bytes", "9");
  }

  @Test
  void containersHoldWhatIsPutIntoThem() {
    assertThat(read(PickleBytes.start().op(']', 'K', 1, 'a', '(', 'K', 2, 'K', 3, 'e')))
        .isEqualTo(List.of(1L, 2L, 3L));
    assertThat(read(PickleBytes.start().op('}', 'K', 1, 'K', 2, 's', '(').text("k").op('N', 'u')))
        .isEqualTo(Map.of(1L, 2L, "k", Pickle.NONE));
    assertThat(read(PickleBytes.start().op('K', 1, 'K', 2, 'K', 3, 0x87)))
        .isEqualTo(new Pickle.Tuple(List.of(1L, 2L, 3L)));
    assertThat(read(PickleBytes.start().op('(', 'K', 1, 't')))
        .isEqualTo(new Pickle.Tuple(List.of(1L)));
    assertThat(read(PickleBytes.start().op(')'))).isEqualTo(new Pickle.Tuple(List.of()));
  }

  @Test
  void whatWasKeptComesAgain() {
    byte[] wide = {0x12, 0x34, 0x56, 0x78};
    PickleBytes bytes = PickleBytes.start().op('(').text("a").op('q', 5).text("b").op('r');
    bytes.op(wide[0], wide[1], wide[2], wide[3]).op('h', 5, 'j');
    assertThat(read(bytes.op(wide[0], wide[1], wide[2], wide[3]).op('t')))
        .isEqualTo(new Pickle.Tuple(List.of("a", "b", "a", "b")));
    refused(PickleBytes.start().op('h', 5), "a value that was kept", "none under 5");
  }

  @Test
  void aViewIsRebuiltOfItsStorage() {
    assertThat(read(PickleBytes.start().tensor(6, 2, new int[] {2, 2}, 2, 1)))
        .isEqualTo(new TensorView(DType.F32, List.of(2L, 2L), List.of(2L, 1L), 108));
  }

  /** Whatever a name would do, it is read as a name and refused as one. */
  @ParameterizedTest
  @CsvSource({
    "os,system",
    "builtins,eval",
    "__builtin__,getattr",
    "torch,load",
    "torch,UntypedStorage",
    "torch._utils,_rebuild_tensor_v3",
    "torch._utils,_rebuild_sparse_tensor",
    "numpy.core.multiarray,_reconstruct",
    "collections,defaultdict",
    "'torch._utils _rebuild_tensor_v2',''"
  })
  void everyOtherNameIsRefused(String module, String name) {
    String found = module + "." + name;
    refused(PickleBytes.start().global(module, name).op(')', 'R'), found, "not run");
  }

  @Test
  void everyOtherOpcodeIsRefused() {
    Set<Integer> known = new HashSet<>();
    for (int c : "}]()tsuaeqrhjcQRbNJKMGX.".toCharArray()) {
      known.add(c);
    }
    known.addAll(List.of(0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a));
    int refused = 0;
    for (int opcode = 0; opcode < 256; opcode++) {
      if (!known.contains(opcode)) {
        String shown = Integer.toHexString(opcode);
        refused(PickleBytes.start().op(opcode), "byte 2", "found 0x", shown);
        refused++;
      }
    }
    assertThat(refused).isEqualTo(256 - 31);
    refused(PickleBytes.start().op('i'), "INST, a call");
    refused(PickleBytes.start().op(0x81), "NEWOBJ, a call");
    refused(PickleBytes.start().op(0x93), "STACK_GLOBAL, an import");
    refused(new PickleBytes().op(0x80, 4), "protocol 2", "protocol 4");
  }

  @Test
  void onlyThreeThingsAreCalled() {
    PickleBytes dict = PickleBytes.start().global("collections", "OrderedDict");
    assertThat(read(dict.op(')', 'R'))).isEqualTo(Map.of());
    String arguments = "arguments of a tensor";
    refused(PickleBytes.start().text("print").op(')', 'R'), arguments);
    refused(PickleBytes.start().global("torch", "FloatStorage").op(')', 'R'), arguments);
    refused(PickleBytes.start().global("collections", "OrderedDict").op('K', 1, 'R'), arguments);
    refused(
        PickleBytes.start().global("collections", "OrderedDict").op('K', 1, 0x85, 'R'), arguments);
    refused(PickleBytes.start().global("torch._utils", "_rebuild_tensor_v2").op(')', 'R'));
    refused(
        PickleBytes.start()
            .global("torch._utils", "_rebuild_parameter")
            .op('N', 'N', 'N', 0x87, 'R'),
        arguments);
    refused(
        PickleBytes.start()
            .global("torch._utils", "_rebuild_tensor_v2")
            .op('(')
            .storage("FloatStorage", "0", 6)
            .op('K', 0, 'K', 1, 'K', 1, 'N', 'N', 't', 'R'),
        "a tuple of integers");
    refused(PickleBytes.start().op(']', '}', 'b'), "state of an OrderedDict");
  }

  @Test
  void anEmptyStackGivesNothing() {
    for (int opcode : new int[] {'.', 'a', 's', 'u', 'e', 't', 'q', 'R', 'Q', 'b', 0x85, 0x87}) {
      refused(PickleBytes.start().op(opcode, opcode));
    }
    refused(PickleBytes.start().op('K', 1, 'K', 2), "one value", "several");
    refused(PickleBytes.start().op('('), "one value");
    refused(PickleBytes.start().op('(', 'K', 1, 0x86), "values", "a mark");
    refused(PickleBytes.start().op('}', 'K', 1, 'K', 2, 'a'), "items of a list");
    refused(PickleBytes.start().op('}', '(', 'K', 1, 'u'), "keys and values");
    refused(PickleBytes.start().op('}', ']', 'N', 's'), "a text or an integer as key");
  }

  @Test
  void whatIsClaimedIsThere() {
    refused(PickleBytes.start().op('X', 255, 255, 255, 255), "a text in the file", "4294967295");
    refused(PickleBytes.start().op('X', 4, 0, 0, 0, 'a'), "a text in the file", "4 bytes");
    refused(PickleBytes.start().op('G', 1), "more bytes", "the end");
    refused(PickleBytes.start().op('c').op("a".repeat(300).chars().toArray()), "at most 256");
    assertThatThrownBy(() -> read(new byte[0])).hasMessageContaining("found the end");
    assertThatThrownBy(() -> read(new byte[] {(byte) 0x80, 2, 'N'}))
        .hasMessageContaining("found the end");
  }

  /** A value may contain itself; nothing here walks through values. */
  @Test
  void aListOfItselfIsRead() {
    Object value = read(PickleBytes.start().op(']', 'q', 0, 'h', 0, 'a'));
    assertThat(value).isInstanceOf(List.class);
    assertThat(((List<?>) value).get(0)).isSameAs(value);
  }

  @Test
  void stepsAreCounted() {
    PickleBytes endless = PickleBytes.start();
    for (int i = 0; i < 2_000_001; i++) {
      endless.op(0x80, 2);
    }
    refused(endless, "at most 2000000 opcodes");
  }
}
