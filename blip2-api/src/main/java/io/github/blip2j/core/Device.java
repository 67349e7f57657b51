package io.github.blip2j.core;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model runs.
 *
 * @param type {@code CPU}, {@code CUDA}, or {@code AUTO} for the first CUDA device that a backend
 *     can use and the CPU otherwise
 * @param index number of the CUDA device from 0; 0 for the others
 */
public record Device(Type type, int index) {
  /** Kinds of device. */
  public enum Type {
    /** The processor. */
    CPU,
    /** An NVIDIA GPU. */
    CUDA,
    /** Whichever is there. */
    AUTO
  }

  /** The processor. */
  public static final Device CPU = new Device(Type.CPU, 0);

  /** A GPU if a backend can use one, the processor otherwise. */
  public static final Device AUTO = new Device(Type.AUTO, 0);

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  /** Checks that only CUDA devices are numbered. */
  public Device {
    if (index < 0 || (index > 0 && type != Type.CUDA)) {
      throw new IllegalArgumentException(
          "index (" + index + ") must be 0, or 0 and more for a CUDA device");
    }
  }

  /**
   * A CUDA device.
   *
   * @param index its number among those that the process sees, from 0
   * @return the device; whether it is there is found out when a model is loaded
   * @throws IllegalArgumentException if the number is below 0
   */
  public static Device cuda(int index) {
    return new Device(Type.CUDA, index);
  }

  /**
   * Reads a device's name.
   *
   * @param name {@code cpu}, {@code cuda}, {@code cuda:N} or {@code auto}
   * @return the device
   * @throws IllegalArgumentException if it is none of these
   */
  public static Device parse(String name) {
    Matcher cuda = CUDA.matcher(name);
    if (cuda.matches()) {
      return cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    return switch (name) {
      case "cpu" -> CPU;
      case "auto" -> AUTO;
      default ->
          throw new IllegalArgumentException(
              "device (" + name + ") must be cpu, cuda, cuda:N or auto");
    };
  }

  @Override
  public String toString() {
    return type == Type.CUDA ? "cuda:" + index : type.name().toLowerCase(java.util.Locale.ROOT);
  }
}
