package io.github.blip2j.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.Bits;

/** Reads all images of an index, one after the other, with the vectors that lie before each. */
final class StoredImages {
  private StoredImages() {}

  /** Hands out every image that has not been deleted. */
  static void read(IndexSearcher searcher, Consumer<? super IndexedImage> reader)
      throws IOException {
    Weight parents =
        searcher.createWeight(
            searcher.rewrite(Documents.parents(Documents.IMAGE)), ScoreMode.COMPLETE_NO_SCORES, 1);
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      Scorer scorer = parents.scorer(leaf);
      FloatVectorValues vectors = leaf.reader().getFloatVectorValues(Documents.IMAGE_VECTOR);
      if (scorer != null && vectors != null) {
        read(leaf, scorer.iterator(), vectors, reader);
      }
    }
  }

  private static void read(
      LeafReaderContext leaf,
      DocIdSetIterator parents,
      FloatVectorValues vectors,
      Consumer<? super IndexedImage> reader)
      throws IOException {
    StoredFields stored = leaf.reader().storedFields();
    Bits live = leaf.reader().getLiveDocs();
    int child = vectors.nextDoc();
    int parent = parents.nextDoc();
    while (parent != DocIdSetIterator.NO_MORE_DOCS) {
      List<float[]> own = new ArrayList<>();
      while (child < parent) {
        own.add(vectors.vectorValue().clone());
        child = vectors.nextDoc();
      }
      if (live == null || live.get(parent)) {
        Document document = stored.document(parent);
        reader.accept(
            new IndexedImage(
                Documents.id(document),
                own.toArray(float[][]::new),
                Map.copyOf(Documents.fields(document))));
      }
      parent = parents.nextDoc();
    }
  }
}
