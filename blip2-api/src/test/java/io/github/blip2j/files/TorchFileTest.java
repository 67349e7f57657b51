package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** State dicts of PyTorch's: which tensors they have and where, and what is refused. */
class TorchFileTest {
  private static final float[] SIX = {0, 1, 2, 3, 4, 5};
  private static final int[] TWO_BY_THREE = {2, 3};

  @TempDir Path folder;

  private static byte[] plain() {
    return PickleBytes.start().op('}').text("w").tensor(6, 0, TWO_BY_THREE, 3, 1).op('s').end();
  }

  private Path file() {
    return folder.resolve("x.bin");
  }

  private Map<String, WeightTensor> read() {
    return TorchFile.read(file(), () -> folder.resolve("cache"));
  }

  private Map<String, WeightTensor> read(TorchArchive archive) throws IOException {
    archive.write(file());
    return read();
  }

  private WeightTensor only(TorchArchive archive) throws IOException {
    Map<String, WeightTensor> tensors = read(archive);
    assertThat(tensors).containsOnlyKeys("w");
    return Objects.requireNonNull(tensors.get("w"));
  }

  private WeightTensor only(PickleBytes tensor, float... storage) throws IOException {
    return only(TorchArchive.of(tensor.op('s').end(), storage));
  }

  private static PickleBytes named() {
    return PickleBytes.start().op('}').text("w");
  }

  private void refused(TorchArchive archive, String... parts) throws IOException {
    archive.write(file());
    refused(parts);
  }

  private void refused(String... parts) {
    assertThatThrownBy(this::read)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("x.bin")
        .hasMessageContaining("expected")
        .hasMessageContaining("found")
        .satisfies(e -> List.of(parts).forEach(p -> assertThat(e).hasMessageContaining(p)));
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  private void refused(PickleBytes pickle, String... parts) throws IOException {
    refused(TorchArchive.of(pickle.end(), SIX), parts);
  }

  @Test
  void aTensorIsMappedWhereItLies() throws IOException {
    WeightTensor w = only(TorchArchive.of(plain(), SIX));
    assertThat(w.dtype()).isEqualTo(DType.F32);
    assertThat(w.shape()).containsExactly(2L, 3L);
    assertThat(w.file()).isEqualTo(file());
    assertThat(w.offset() % 64).isZero();
    assertThat(w.floats()).containsExactly(SIX);
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @Test
  void sizesAndPlacesMayHave64Bits() throws IOException {
    assertThat(only(TorchArchive.of(plain(), SIX).inZip64()).floats()).containsExactly(SIX);
  }

  @Test
  void aViewStartsWithinItsStorage() throws IOException {
    WeightTensor w = only(named().tensor(6, 2, new int[] {3}, 1), SIX);
    assertThat(w.file()).isEqualTo(file());
    assertThat(w.floats()).containsExactly(2, 3, 4);
  }

  /** Two names of one storage are two names of one place. */
  @Test
  void tiedTensorsShareTheirBytes() throws IOException {
    PickleBytes tied =
        named()
            .tensor(6, 0, TWO_BY_THREE, 3, 1)
            .op('s')
            .text("v")
            .tensor(6, 0, TWO_BY_THREE, 3, 1)
            .op('s');
    Map<String, WeightTensor> tensors = read(TorchArchive.of(tied.end(), SIX));
    assertThat(tensors).containsOnlyKeys("w", "v");
    assertThat(tensors.values().stream().map(WeightTensor::offset).distinct()).hasSize(1);
  }

  @Test
  void aTransposedTensorIsRewrittenOnce() throws IOException {
    WeightTensor w = only(named().tensor(6, 0, TWO_BY_THREE, 1, 2), SIX);
    assertThat(w.file()).startsWith(folder.resolve("cache"));
    assertThat(w.shape()).containsExactly(2L, 3L);
    assertThat(w.floats()).containsExactly(0, 2, 4, 1, 3, 5);
    var made = Files.getLastModifiedTime(w.file());
    assertThat(Objects.requireNonNull(read().get("w")).file()).isEqualTo(w.file());
    assertThat(Files.getLastModifiedTime(w.file())).isEqualTo(made);
  }

  /** Of three axes, of every size of element, and more than are written at a time. */
  @ParameterizedTest
  @CsvSource({"ByteStorage,1", "HalfStorage,2", "FloatStorage,4", "DoubleStorage,8"})
  void everySizeOfElementIsRewritten(String type, int bytes) throws IOException {
    int[] shape = {3, 70_000, 2};
    int elements = 3 * 70_000 * 2;
    byte[] storage = new byte[elements * bytes];
    for (int i = 0; i < storage.length; i++) {
      storage[i] = (byte) (i * 31 >> 3);
    }
    byte[] pickle = named().tensor(type, elements, 0, shape, 1, 6, 3).op('s').end();
    WeightTensor w = only(new TorchArchive().with("a/data.pkl", pickle).with("a/data/0", storage));
    var mapped = w.map();
    assertThat(mapped.remaining()).isEqualTo(storage.length);
    int at = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 70_000; j++) {
        for (int k = 0; k < 2; k++) {
          for (int b = 0; b < bytes; b++) {
            if (mapped.get(at++) != storage[(i + 6 * j + 3 * k) * bytes + b]) {
              throw new AssertionError("element " + i + ", " + j + ", " + k);
            }
          }
        }
      }
    }
  }

  @Test
  void anAxisOfOneHasAnyStride() throws IOException {
    WeightTensor w = only(named().tensor(6, 0, new int[] {1, 6, 1}, 77, 1, 5), SIX);
    assertThat(w.file()).isEqualTo(file());
    assertThat(w.shape()).containsExactly(1L, 6L, 1L);
  }

  @Test
  void aScalarAndAnEmptyTensorAreTensors() throws IOException {
    assertThat(only(named().tensor(6, 4, new int[0]), SIX).floats()).containsExactly(4);
    WeightTensor none = only(named().tensor(6, 6, new int[] {0, 3}, 3, 1), SIX);
    assertThat(none.bytes()).isZero();
    assertThat(none.shape()).containsExactly(0L, 3L);
  }

  @ParameterizedTest
  @CsvSource({
    "HalfStorage,F16",
    "BFloat16Storage,BF16",
    "DoubleStorage,F64",
    "LongStorage,I64",
    "IntStorage,I32",
    "ShortStorage,I16",
    "CharStorage,I8",
    "ByteStorage,U8",
    "BoolStorage,BOOL"
  })
  void everyTypeOfStorageIsKnown(String storage, DType dtype) throws IOException {
    assertThat(only(named().tensor(storage, 3, 0, new int[] {3}, 1), SIX).dtype()).isEqualTo(dtype);
  }

  @Test
  void aParameterIsItsTensor() throws IOException {
    PickleBytes parameter =
        named()
            .global("torch._utils", "_rebuild_parameter")
            .op('(')
            .tensor(6, 0, new int[] {6}, 1)
            .op(0x88)
            .global("collections", "OrderedDict")
            .op(')', 'R', 't', 'R');
    assertThat(only(parameter, SIX).floats()).containsExactly(SIX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "state_dict"})
  void aStateDictMayStandBesideATrainersState(String key) throws IOException {
    PickleBytes pickle =
        PickleBytes.start()
            .op('}', '(')
            .text("epoch")
            .number(3)
            .text(key)
            .op('}')
            .text("w")
            .tensor(6, 0, new int[] {6}, 1)
            .op('s')
            .text("scaler")
            .op('N', 'u');
    assertThat(only(TorchArchive.of(pickle.end(), SIX)).floats()).containsExactly(SIX);
  }

  /** What an OrderedDict of a module notes beside its tensors is passed over. */
  @Test
  void metadataOfAStateDictIsIgnored() throws IOException {
    PickleBytes pickle =
        PickleBytes.start()
            .global("collections", "OrderedDict")
            .op(')', 'R', 'q', 0, '(')
            .text("w")
            .tensor(6, 0, new int[] {6}, 1)
            .op('u', '}')
            .text("_metadata")
            .op('}', 's', 'b');
    assertThat(only(TorchArchive.of(pickle.end(), SIX)).floats()).containsExactly(SIX);
  }

  @Test
  void aTensorStaysInItsStorage() throws IOException {
    refused(named().tensor(6, 0, TWO_BY_THREE, 4, 1).op('s'), "6 elements", "[2, 3]", "[4, 1]");
    refused(named().tensor(6, 1, TWO_BY_THREE, 3, 1).op('s'), "from element 1");
    refused(named().tensor(6, 7, new int[] {0}, 1).op('s'), "offset of 0 to 6", "found 7");
    refused(named().tensor(6, -1, new int[] {1}, 1).op('s'), "found -1");
    refused(named().tensor(6, 0, new int[] {-2, -3}, 3, 1).op('s'), "[-2, -3]");
    refused(named().tensor(6, 0, TWO_BY_THREE, -3, 1).op('s'), "[-3, 1]");
    refused(named().tensor(6, 0, TWO_BY_THREE, 3).op('s'), "as many strides as axes");
    refused(named().tensor(6, 0, new int[9], new int[9]).op('s'), "at most 8");
    int many = Integer.MAX_VALUE;
    refused(named().tensor(6, 0, new int[] {many, many, many}, 0, 0, 0).op('s'), "within 6");
    refused(named().tensor(6, 0, new int[] {2, 2}, many, many).op('s'), "within 6 elements");
  }

  /** A step of 0 would make gigabytes of a few bytes. */
  @Test
  void aTensorHasNoMoreElementsThanItsStorage() throws IOException {
    refused(named().tensor(6, 0, new int[] {1 << 30}, 0).op('s'), "within 6 elements");
  }

  @Test
  void aStorageStaysInItsEntry() throws IOException {
    refused(named().tensor(7, 0, new int[] {7}, 1).op('s'), "7 elements of F32", "24 bytes");
    refused(named().tensor(-1, 0, new int[] {0}, 1).op('s'), "ids of storages");
    refused(named().tensor("DoubleStorage", 4, 0, new int[] {1}, 1).op('s'), "4 elements of F64");
    refused(named().storage("FloatStorage", "1", 6).op('s'), "an entry a/data/1", "no such entry");
    refused(named().storage("FloatStorage", "../0", 6).op('s'), "ids of storages");
    refused(named().text("0").op('Q'), "a storage's id");
    refused(named().op(')', 'Q'), "ids of storages in data.pkl");
  }

  @Test
  void whatIsNoTensorIsRefused() throws IOException {
    refused(named().number(3).op('s'), "w: expected a tensor", "something else");
    refused(PickleBytes.start().op(']'), "a dict of tensors");
    refused(PickleBytes.start().op('}', 'K', 1).tensor(6, 0, new int[] {6}, 1).op('s'), "a name");
  }

  @Test
  void anArchiveIsStoredAsItIs() throws IOException {
    refused(
        TorchArchive.of(plain(), SIX).overwriting(TorchArchive.METHOD, 8),
        "a/data.pkl stored without compression",
        "method 8");
    refused(TorchArchive.of(plain(), SIX).overwriting(TorchArchive.FLAGS, 1), "encrypted");
    refused(TorchArchive.of(plain(), SIX).overwriting(TorchArchive.PACKED, 3), "one size");
    refused(TorchArchive.of(plain(), SIX).overwriting(TorchArchive.LOCAL, 7), "found");
    refused(TorchArchive.of(plain(), SIX).overwriting(TorchArchive.LOCAL, -2), "before byte");
  }

  @Test
  void namesStayInTheArchive() throws IOException {
    for (String name : List.of("/etc/passwd", "a/../../b", "a\\b", "a//b", "./a")) {
      refused(TorchArchive.of(plain(), SIX).with(name, new byte[1]), "inside the archive", name);
    }
    assertThat(only(TorchArchive.of(plain(), SIX).with("a..b/c", new byte[1])).floats()).hasSize(6);
  }

  @Test
  void thereIsOneStateDict() throws IOException {
    refused(new TorchArchive().with("a/version", new byte[2]), "one data.pkl", "found 0");
    refused(TorchArchive.of(plain(), SIX).with("b/data.pkl", plain()), "found 2");
  }

  @Test
  void numbersAreLittleEndian() throws IOException {
    refused(
        TorchArchive.of(plain(), SIX).with("a/byteorder", "big".getBytes("US-ASCII")), "\"big\"");
    refused(TorchArchive.of(plain(), SIX).with("a/byteorder", new byte[17]), "at most 16 bytes");
    byte[] little = "little".getBytes("US-ASCII");
    assertThat(only(TorchArchive.of(plain(), SIX).with("a/byteorder", little)).floats()).hasSize(6);
  }

  @Test
  void aPickleIsOfModerateSize() throws IOException {
    refused(TorchArchive.of(new byte[(16 << 20) + 1]), "at most 16777216 bytes", "16777217");
  }

  /** Wherever it is cut, and whatever byte is another: refused, or still a state dict. */
  @Test
  void everyCutIsRefusedAndNoByteDoesHarm() throws IOException {
    byte[] whole = Files.readAllBytes(TorchArchive.of(plain(), SIX).write(file()));
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      refused();
    }
    int read = 0;
    for (int i = 0; i < whole.length; i++) {
      for (int value : new int[] {0, 0x7f, 0x80, 0xff, whole[i] ^ 1}) {
        byte[] other = whole.clone();
        other[i] = (byte) value;
        Files.write(file(), other);
        try {
          read += read().size();
        } catch (CheckpointException e) {
          assertThat(e).hasMessageContaining("x.bin");
        }
      }
    }
    assertThat(read).isBetween(whole.length, 5 * whole.length); // padding and numbers are many
  }

  @Test
  void otherFilesAreNamed() throws IOException {
    refused("found none");
    Files.writeString(file(), "version https://git-lfs.github.com/spec/v1\n");
    refused("a ZIP archive as torch.save writes it");
  }
}
