package io.github.blip2j.host;

import io.github.blip2j.core.InferenceException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside the heap that is freed when its owner closes it, not when the garbage collector
 * finds the time: caches of a session are large, and their buffers are small objects to the
 * collector. Nothing may use the bytes afterwards. For one thread at a time.
 *
 * <p>From Java 22 on it is an arena's, the supported way. Before, it is a direct buffer that {@code
 * sun.misc.Unsafe.invokeCleaner} frees; later versions warn of that, or deny it.
 */
public final class DirectMemory implements AutoCloseable {
  private static final int FIRST_WITH_ARENAS = 22;
  private static final int ALIGNMENT = 64; // of a vector register
  private static final Source SOURCE =
      Runtime.version().feature() >= FIRST_WITH_ARENAS ? new Arenas() : new Cleaners();

  private final Block block;
  private boolean closed;

  /**
   * Allocates zeros.
   *
   * @param size in bytes; may be 0
   * @throws InferenceException if there is not so much memory, or the size is above 2³¹−1
   */
  public DirectMemory(long size) {
    try {
      block = SOURCE.allocate(Math.toIntExact(size));
    } catch (OutOfMemoryError | ArithmeticException e) {
      throw new InferenceException(
          "a buffer of " + size + " bytes outside the heap: cannot be allocated: " + e.getMessage(),
          e);
    }
  }

  /**
   * The whole of it, in native order; valid until {@link #close}.
   *
   * @return the same buffer each time: its position and limit are the callers' to share
   */
  public ByteBuffer bytes() {
    return block.bytes();
  }

  /** Frees it; the second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        block.owner().close();
      } catch (Exception e) {
        throw new IllegalStateException("direct memory cannot be freed", e);
      }
    }
  }

  /**
   * Some memory.
   *
   * @param bytes all of it
   * @param owner frees it
   */
  private record Block(ByteBuffer bytes, AutoCloseable owner) {}

  /** A way of this Java version to have memory that can be freed. */
  private interface Source {
    Block allocate(int size);
  }

  /** {@code java.lang.foreign}, by name, since this code is compiled for Java 17. */
  private static final class Arenas implements Source {
    private final MethodHandle open;
    private final MethodHandle allocate;
    private final MethodHandle view;

    Arenas() {
      try {
        MethodHandles.Lookup lookup = MethodHandles.publicLookup();
        Class<?> arena = Class.forName("java.lang.foreign.Arena");
        Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
        open =
            lookup
                .findStatic(arena, "ofShared", MethodType.methodType(arena))
                .asType(MethodType.methodType(Object.class));
        allocate =
            lookup
                .findVirtual(
                    arena, "allocate", MethodType.methodType(segment, long.class, long.class))
                .asType(MethodType.methodType(Object.class, Object.class, long.class, long.class));
        view =
            lookup
                .findVirtual(segment, "asByteBuffer", MethodType.methodType(ByteBuffer.class))
                .asType(MethodType.methodType(ByteBuffer.class, Object.class));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this JVM has no java.lang.foreign", e);
      }
    }

    @Override
    public Block allocate(int size) {
      try {
        Object arena = open.invokeExact();
        Object segment = allocate.invokeExact(arena, (long) size, (long) ALIGNMENT);
        ByteBuffer bytes = (ByteBuffer) view.invokeExact(segment);
        return new Block(bytes.order(ByteOrder.nativeOrder()), (AutoCloseable) arena);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Direct buffers, whose cleaners are called by hand. */
  private static final class Cleaners implements Source {
    private final MethodHandle free;

    Cleaners() {
      try {
        Class<?> unsafe = Class.forName("sun.misc.Unsafe");
        Field instance = unsafe.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        free =
            MethodHandles.lookup()
                .findVirtual(
                    unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
                .bindTo(instance.get(null));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this JVM has no jdk.unsupported module", e);
      }
    }

    @Override
    public Block allocate(int size) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(size);
      return new Block(bytes.order(ByteOrder.nativeOrder()), () -> free(bytes));
    }

    private void free(ByteBuffer bytes) {
      try {
        free.invoke(bytes);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
