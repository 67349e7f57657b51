package io.github.blip2j.internal.session;

import io.github.blip2j.InferenceException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside the heap that is freed when its owner closes it, not when the garbage collector
 * finds the time: caches of a session are large, and their buffers are small objects to the
 * collector. Nothing may use the bytes afterwards.
 */
public final class DirectMemory implements AutoCloseable {
  private static final MethodHandle FREE = free();

  private final ByteBuffer bytes;
  private boolean closed;

  /** Allocates zeros. */
  public DirectMemory(long size) {
    try {
      bytes = ByteBuffer.allocateDirect(Math.toIntExact(size)).order(ByteOrder.nativeOrder());
    } catch (OutOfMemoryError | ArithmeticException e) {
      throw new InferenceException(
          "a buffer of " + size + " bytes outside the heap: not to be had: " + e.getMessage(), e);
    }
  }

  /** The whole of it, in native order; valid until {@link #close}. */
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        FREE.invoke(bytes);
      } catch (Throwable e) {
        throw new IllegalStateException("direct memory cannot be freed", e);
      }
    }
  }

  /** {@code sun.misc.Unsafe.invokeCleaner}, the supported way to free a buffer until Java 22. */
  private static MethodHandle free() {
    try {
      Class<?> unsafe = Class.forName("sun.misc.Unsafe");
      Field instance = unsafe.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      return MethodHandles.lookup()
          .findVirtual(unsafe, "invokeCleaner", MethodType.methodType(void.class, ByteBuffer.class))
          .bindTo(instance.get(null));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no jdk.unsupported module", e);
    }
  }
}
