package io.github.blip2j.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.apache.lucene.document.Document;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.join.BitSetProducer;
import org.apache.lucene.search.join.DiversifyingChildrenFloatKnnVectorQuery;
import org.apache.lucene.search.join.QueryBitSetProducer;
import org.apache.lucene.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The nearest blocks of children: (1) Lucene's graph over quantised vectors proposes candidates;
 * (2) their stored float vectors decide. Immutable; safe for many threads.
 */
final class Neighbours {
  private final String kind;
  private final String field;
  private final BitSetProducer parents;

  Neighbours(String kind, String field) {
    this.kind = kind;
    this.field = field;
    this.parents = new QueryBitSetProducer(Documents.parents(kind));
  }

  /** How a block's vectors are compared with those that are asked for. */
  interface Similarity {
    double of(List<float[]> vectors);
  }

  /**
   * Finds blocks.
   *
   * @param asked each proposes candidates of its own
   * @param similarity decides among all of them
   */
  List<Hit> find(
      IndexSearcher searcher, float[][] asked, Similarity similarity, SearchOptions options)
      throws IOException {
    Query filter = options.filter().isEmpty() ? null : Documents.filter(options.filter());
    TreeSet<Integer> candidates = new TreeSet<>(); // parents, in the order of the index
    int there = Math.max(1, searcher.getIndexReader().maxDoc());
    int each = Math.min(there, Math.max(options.limit(), options.candidates() / asked.length));
    for (float[] vector : asked) {
      propose(searcher, vector, filter, each, candidates);
    }
    List<Hit> hits = new ArrayList<>(compare(searcher, candidates, similarity));
    hits.sort(Comparator.comparingDouble(Hit::similarity).reversed().thenComparing(Hit::id));
    return List.copyOf(hits.subList(0, Math.min(options.limit(), hits.size())));
  }

  private void propose(
      IndexSearcher searcher,
      float[] vector,
      @Nullable Query filter,
      int count,
      TreeSet<Integer> candidates)
      throws IOException {
    Query query =
        new DiversifyingChildrenFloatKnnVectorQuery(field, vector, filter, count, parents);
    for (ScoreDoc child : searcher.search(query, count).scoreDocs) {
      LeafReaderContext leaf = leaf(searcher, child.doc);
      BitSet bits = parents.getBitSet(leaf);
      candidates.add(leaf.docBase + bits.nextSetBit(child.doc - leaf.docBase));
    }
  }

  private static LeafReaderContext leaf(IndexSearcher searcher, int document) {
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    return leaves.get(ReaderUtil.subIndex(document, leaves));
  }

  private List<Hit> compare(
      IndexSearcher searcher, TreeSet<Integer> candidates, Similarity similarity)
      throws IOException {
    List<Hit> hits = new ArrayList<>();
    Map<LeafReaderContext, FloatVectorValues> values = new HashMap<>();
    for (int parent : candidates) {
      LeafReaderContext leaf = leaf(searcher, parent);
      FloatVectorValues vectors = values.get(leaf);
      if (vectors == null) {
        vectors = leaf.reader().getFloatVectorValues(field);
        values.put(leaf, vectors);
      }
      int inLeaf = parent - leaf.docBase;
      double score = similarity.of(children(vectors, parents.getBitSet(leaf), inLeaf));
      if (!Double.isFinite(score)) {
        throw new CorruptIndexException("expected finite vectors, found others", field);
      }
      Document document = searcher.storedFields().document(parent);
      hits.add(
          new Hit(
              Documents.id(document), score, OptionalDouble.empty(), Documents.fields(document)));
    }
    return hits;
  }

  /** Vectors of the documents between the parent before and this one. */
  private static List<float[]> children(FloatVectorValues vectors, BitSet bits, int parent)
      throws IOException {
    List<float[]> children = new ArrayList<>();
    int before = parent == 0 ? -1 : bits.prevSetBit(parent - 1);
    int at = vectors.docID() > before ? vectors.docID() : vectors.advance(before + 1);
    while (at < parent && at != DocIdSetIterator.NO_MORE_DOCS) {
      children.add(vectors.vectorValue().clone());
      at = vectors.nextDoc();
    }
    return children;
  }

  @Override
  public String toString() {
    return kind + " neighbours";
  }
}
