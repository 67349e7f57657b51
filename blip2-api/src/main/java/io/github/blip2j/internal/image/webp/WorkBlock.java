package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.Lanes;
import java.util.Arrays;

/**
 * Predicts a macroblock and adds its residue (RFC 6386, sections 12 and 14.5). Prediction sees
 * pixels before the loop filter, so the block is put together here, with its edges, and then copied
 * into the frame.
 *
 * <p>Outside the frame pixels above are 127, to the left 129. Above and to the right of the last
 * column libwebp repeats the pixel above the last one.
 */
final class WorkBlock {
  static final int STRIDE = 32;

  /** Where luma begins: behind a row above, and four columns to the left. */
  static final int LUMA = STRIDE + 8;

  /** Where the two chromas begin, side by side. */
  static final int BLUE = LUMA + 17 * STRIDE;

  static final int RED = BLUE + 16;

  private static final int[] PLANES = {LUMA, BLUE, RED};

  private static final int ABOVE = 127;
  private static final int LEFT = 129;

  /** Where each block begins. */
  private static final int[] PLACES = new int[Macroblock.BLOCKS];

  static {
    for (int i = 0; i < 16; i++) {
      PLACES[i] = LUMA + (i >> 2) * 4 * STRIDE + (i & 3) * 4;
    }
    for (int i = 16; i < PLACES.length; i++) {
      PLACES[i] = (i < 20 ? BLUE : RED) + (i >> 1 & 1) * 4 * STRIDE + (i & 1) * 4;
    }
  }

  private final byte[] pixels = new byte[LUMA + 26 * STRIDE];
  private final int columns;
  private final byte[] lumaAbove; // the last rows of the macroblocks above
  private final byte[] blueAbove;
  private final byte[] redAbove;
  private int row;

  WorkBlock(int columns) {
    this.columns = columns;
    lumaAbove = new byte[16 * columns];
    blueAbove = new byte[8 * columns];
    redAbove = new byte[8 * columns];
  }

  /** Makes pixels of a row of macroblocks. */
  void reconstruct(BlockRow blocks) {
    startRow(blocks.row);
    ColorRows.Planes planes = blocks.planes;
    int stride = 16 * columns;
    for (int column = 0; column < columns; column++) {
      reconstruct(column, blocks.blocks[column]);
      copy(LUMA, 16, planes.luma(), 16 * column, stride);
      copy(LUMA + 8, 16, planes.luma(), 16 * column + 8, stride);
      copy(BLUE, 8, planes.blue(), 8 * column, stride / 2);
      copy(RED, 8, planes.red(), 8 * column, stride / 2);
    }
  }

  /** Sets the edges in front of a row's first macroblock. */
  private void startRow(int y) {
    row = y;
    for (int i = 0; i < 16; i++) {
      pixels[LUMA - 1 + i * STRIDE] = (byte) LEFT;
    }
    for (int i = 0; i < 8; i++) {
      pixels[BLUE - 1 + i * STRIDE] = (byte) LEFT;
      pixels[RED - 1 + i * STRIDE] = (byte) LEFT;
    }
    if (y == 0) {
      Arrays.fill(pixels, LUMA - 1 - STRIDE, LUMA + 20 - STRIDE, (byte) ABOVE);
      Arrays.fill(pixels, BLUE - 1 - STRIDE, BLUE + 8 - STRIDE, (byte) ABOVE);
      Arrays.fill(pixels, RED - 1 - STRIDE, RED + 8 - STRIDE, (byte) ABOVE);
    } else {
      pixels[LUMA - 1 - STRIDE] = (byte) LEFT;
      pixels[BLUE - 1 - STRIDE] = (byte) LEFT;
      pixels[RED - 1 - STRIDE] = (byte) LEFT;
    }
  }

  /** Puts a macroblock together. */
  private void reconstruct(int column, Macroblock block) {
    if (column > 0) {
      moveLeft();
    }
    if (row > 0) {
      System.arraycopy(lumaAbove, 16 * column, pixels, LUMA - STRIDE, 16);
      System.arraycopy(blueAbove, 8 * column, pixels, BLUE - STRIDE, 8);
      System.arraycopy(redAbove, 8 * column, pixels, RED - STRIDE, 8);
    }
    if (block.subblocks) {
      aboveRight(column);
    }
    for (int i = block.subblocks ? 1 : 0; i < PLANES.length; i++) {
      int mode = i == 0 ? block.modes[0] : block.chromaMode;
      BlockPrediction.predict(pixels, PLANES[i], i == 0 ? 16 : 8, mode, column > 0, row > 0);
    }
    for (int i = 0; i < Macroblock.BLOCKS; i++) {
      if (block.subblocks && i < 16) {
        SubblockPrediction.predict(pixels, PLACES[i], block.modes[i]);
      }
      residue(block, i, PLACES[i]);
    }
    System.arraycopy(pixels, LUMA + 15 * STRIDE, lumaAbove, 16 * column, 16);
    System.arraycopy(pixels, BLUE + 7 * STRIDE, blueAbove, 8 * column, 8);
    System.arraycopy(pixels, RED + 7 * STRIDE, redAbove, 8 * column, 8);
  }

  /** Copies eight columns of a plane's pixels. */
  private void copy(int plane, int size, byte[] target, int at, int stride) {
    for (int y = 0; y < size; y++) {
      Lanes.store(target, at + y * stride, Lanes.load(pixels, plane + y * STRIDE));
    }
  }

  /** The last column becomes the one to the left of the next macroblock. */
  private void moveLeft() {
    for (int y = -1; y < 16; y++) {
      pixels[LUMA - 1 + y * STRIDE] = pixels[LUMA + 15 + y * STRIDE];
    }
    for (int y = -1; y < 8; y++) {
      pixels[BLUE - 1 + y * STRIDE] = pixels[BLUE + 7 + y * STRIDE];
      pixels[RED - 1 + y * STRIDE] = pixels[RED + 7 + y * STRIDE];
    }
  }

  /** Sets what subblocks see above and to the right of the macroblock. */
  private void aboveRight(int column) {
    int corner = LUMA + 16 - STRIDE;
    if (row > 0 && column < columns - 1) {
      System.arraycopy(lumaAbove, 16 * (column + 1), pixels, corner, 4);
    } else if (row > 0) {
      Arrays.fill(pixels, corner, corner + 4, lumaAbove[16 * column + 15]);
    }
    for (int y = 4; y < 16; y += 4) { // lower rows see the same pixels above and to the right
      System.arraycopy(pixels, corner, pixels, corner + y * STRIDE, 4);
    }
  }

  private void residue(Macroblock block, int index, int at) {
    switch (block.contents[index]) {
      case Macroblock.ALL -> InverseTransform.add(block.coefficients, 16 * index, pixels, at);
      case Macroblock.FIRST_THREE ->
          InverseTransform.addThree(block.coefficients, 16 * index, pixels, at);
      case Macroblock.FIRST_ONLY ->
          InverseTransform.addFirst(block.coefficients[16 * index], pixels, at);
      default -> {}
    }
  }
}
