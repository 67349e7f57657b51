package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code torch.save} writes of tensors in Python's pickle format, protocol 2: a closed
 * list of opcodes and of names, which stand for values of ours. Nothing is looked up, imported or
 * called, whatever the file says, and every other opcode and name is refused. Source: CPython,
 * {@code pickletools.py}; PyTorch, {@code torch/_utils.py}. For one thread.
 */
final class Pickle {
  /** The value of None. */
  static final Object NONE = new Object();

  private static final Object MARK = new Object();
  private static final int MOST_STEPS = 2_000_000;
  private static final int MOST_NAME = 256;

  private final String where;
  private final ByteBuffer data;
  private final PickleCalls calls;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private int at; // of the opcode

  /** An immutable sequence. */
  record Tuple(List<Object> items) {}

  private Pickle(String where, ByteBuffer data, Function<Tuple, Storage> storages) {
    this.where = where;
    this.data = data.order(ByteOrder.LITTLE_ENDIAN);
    this.calls = new PickleCalls(storages, (expected, found) -> refused(expected, found, null));
  }

  /**
   * Reads one value.
   *
   * @param where is named in errors
   * @param data the whole pickle
   * @param storages gives the storage of a persistent id, which is a tuple
   * @return a String, Long, Double, Boolean, {@link #NONE}, List, Map, {@link Tuple}, {@link
   *     TensorView} or what stands for a name; it may contain itself
   * @throws CheckpointException if it is damaged or says anything else
   */
  static Object read(String where, ByteBuffer data, Function<Tuple, Storage> storages) {
    Pickle pickle = new Pickle(where, data, storages);
    try {
      return pickle.run();
    } catch (BufferUnderflowException e) {
      throw pickle.refused("more bytes", "the end", e);
    }
  }

  private Object run() {
    for (int step = 0; step < MOST_STEPS; step++) {
      at = data.position();
      int opcode = data.get() & 0xff;
      if (opcode == '.') {
        Object value = pop();
        require(stack.isEmpty() && value != MARK, "one value", "several");
        return value;
      }
      if (!(constant(opcode) || container(opcode) || remembered(opcode) || called(opcode))) {
        throw refused(
            "an opcode that tensors need",
            String.format(Locale.ROOT, "0x%02x%s", opcode, name(opcode)),
            null);
      }
    }
    throw refused("at most " + MOST_STEPS + " opcodes", "more", null);
  }

  /** What an opcode would do, of those that could do harm. */
  private static String name(int opcode) {
    return switch (opcode) {
      case 'i' -> " (INST, a call)";
      case 'o' -> " (OBJ, a call)";
      case 0x81 -> " (NEWOBJ, a call)";
      case 0x92 -> " (NEWOBJ_EX, a call)";
      case 0x93 -> " (STACK_GLOBAL, an import)";
      case 0x82, 0x83, 0x84 -> " (EXT, an import)";
      case 0x95 -> " (FRAME, of protocol 4)";
      default -> "";
    };
  }

  private boolean constant(int opcode) {
    switch (opcode) {
      case 0x80 -> {
        int protocol = data.get() & 0xff;
        require(protocol == 2, "protocol 2", "protocol " + protocol);
      }
      case 'N' -> stack.add(NONE);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'J' -> stack.add((long) data.getInt());
      case 'K' -> stack.add((long) (data.get() & 0xff));
      case 'M' -> stack.add((long) (data.getShort() & 0xffff));
      case 0x8a -> stack.add(integer(data.get() & 0xff));
      case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(data.getLong())));
      case 'X' -> stack.add(text(data.getInt() & 0xffffffffL));
      default -> {
        return false;
      }
    }
    return true;
  }

  private long integer(int bytes) {
    require(bytes <= 8, "an integer of at most 8 bytes", bytes + " bytes");
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (data.get() & 0xffL) << 8 * i;
    }
    return bytes == 0 ? 0 : value << 64 - 8 * bytes >> 64 - 8 * bytes;
  }

  private String text(long bytes) {
    require(bytes <= data.remaining(), "a text in the file", bytes + " bytes");
    byte[] text = new byte[(int) bytes];
    data.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private boolean container(int opcode) {
    switch (opcode) {
      case '}' -> stack.add(new LinkedHashMap<>());
      case ']' -> stack.add(new ArrayList<>());
      case ')' -> stack.add(new Tuple(List.of()));
      case '(' -> stack.add(MARK);
      case 't' -> stack.add(new Tuple(marked()));
      case 0x85, 0x86, 0x87 -> stack.add(new Tuple(last(opcode - 0x84)));
      case 's' -> put(last(2));
      case 'u' -> put(marked());
      case 'a' -> append(last(1));
      case 'e' -> append(marked());
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean remembered(int opcode) {
    switch (opcode) {
      case 'q' -> memo.put(data.get() & 0xff, top());
      case 'r' -> memo.put(data.getInt(), top());
      case 'h' -> recall(data.get() & 0xff);
      case 'j' -> recall(data.getInt());
      default -> {
        return false;
      }
    }
    return true;
  }

  private void recall(int key) {
    Object value = memo.get(key);
    if (value == null) {
      throw refused("a value that was kept", "none under " + key, null);
    }
    stack.add(value);
  }

  private boolean called(int opcode) {
    switch (opcode) {
      case 'c' -> stack.add(calls.global(line(), line()));
      case 'Q' -> stack.add(calls.storage(pop()));
      case 'R' -> {
        Object arguments = pop();
        stack.add(calls.reduce(pop(), arguments));
      }
      case 'b' -> {
        pop(); // what an OrderedDict notes beside its values
        require(top() instanceof Map, "state of an OrderedDict", "of something else");
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (char c = (char) (data.get() & 0xff); c != '\n'; c = (char) (data.get() & 0xff)) {
      require(line.length() < MOST_NAME, "a name of at most " + MOST_NAME, "a longer one");
      line.append(c);
    }
    return line.toString();
  }

  private Object top() {
    require(!stack.isEmpty(), "a value", "none");
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> last(int count) {
    require(stack.size() >= count, count + " values", stack.size() + "");
    return taken(stack.size() - count);
  }

  private List<Object> marked() {
    int mark = stack.lastIndexOf(MARK); // found by identity: it is equal to itself only
    require(mark >= 0, "a mark", "none");
    List<Object> items = taken(mark + 1);
    pop();
    return items;
  }

  private List<Object> taken(int from) {
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> items = List.copyOf(tail);
    tail.clear();
    require(!items.contains(MARK), "values", "a mark");
    return items;
  }

  @SuppressWarnings("unchecked")
  private void put(List<Object> items) {
    require(top() instanceof Map && items.size() % 2 == 0, "keys and values of a dict", "others");
    Map<Object, Object> map = (Map<Object, Object>) top();
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      require(key instanceof String || key instanceof Long, "a text or an integer as key", "else");
      map.put(key, items.get(i + 1));
    }
  }

  @SuppressWarnings("unchecked")
  private void append(List<Object> items) {
    require(top() instanceof List, "items of a list", "of something else");
    ((List<Object>) top()).addAll(items);
  }

  private void require(boolean right, String expected, String found) {
    if (!right) {
      throw refused(expected, found, null);
    }
  }

  private CheckpointException refused(String expected, String found, @Nullable Throwable cause) {
    return new CheckpointException(
        String.format(
            Locale.ROOT, "%s: byte %d: expected %s, found %s", where, at, expected, found),
        cause);
  }
}
