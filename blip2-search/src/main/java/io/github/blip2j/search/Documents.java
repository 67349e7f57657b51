package io.github.blip2j.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.jspecify.annotations.Nullable;

/**
 * How images and texts lie in Lucene: a block of children with a vector each, and their parent
 * behind them with what is stored. A text has one child.
 */
final class Documents {
  /** Vectors of images' queries. */
  static final String IMAGE_VECTOR = "image_vector";

  /** Vectors of texts. */
  static final String TEXT_VECTOR = "text_vector";

  static final String IMAGE = "image";
  static final String TEXT = "text";

  private static final String ID = "id";
  private static final String PARENT = "parent";
  private static final String STORED_ID = "stored_id";
  private static final String USER = "user.";
  private static final String STORED = "stored.";

  private Documents() {}

  /** A block to be added at once. */
  static List<Document> block(
      String kind, String id, float[][] vectors, Map<String, String> fields) {
    List<Document> block = new ArrayList<>();
    String name = kind.equals(IMAGE) ? IMAGE_VECTOR : TEXT_VECTOR;
    for (float[] vector : vectors) {
      Document child = common(kind, id, fields);
      child.add(new KnnFloatVectorField(name, vector, VectorSimilarityFunction.DOT_PRODUCT));
      block.add(child);
    }
    Document parent = common(kind, id, fields);
    parent.add(new StringField(PARENT, kind, Field.Store.NO));
    parent.add(new StoredField(STORED_ID, id));
    fields.forEach((key, value) -> parent.add(new StoredField(STORED + key, value)));
    block.add(parent);
    return block;
  }

  private static Document common(String kind, String id, Map<String, String> fields) {
    Document document = new Document();
    document.add(new StringField(ID, key(kind, id), Field.Store.NO));
    fields.forEach(
        (key, value) -> document.add(new StringField(USER + key, value, Field.Store.NO)));
    return document;
  }

  private static String key(String kind, String id) {
    return kind + ":" + id;
  }

  /** What all documents of a block have in common. */
  static Term block(String kind, String id) {
    return new Term(ID, key(kind, id));
  }

  /** Deletes all blocks that other documents have the ids of; deleted ones have none. */
  static void deleteSame(LeafReader others, IndexWriter writer) throws IOException {
    Terms ids = others.terms(ID);
    if (ids == null) {
      return;
    }
    Bits live = others.getLiveDocs();
    PostingsEnum documents = null;
    TermsEnum each = ids.iterator();
    for (BytesRef id = each.next(); id != null; id = each.next()) {
      documents = each.postings(documents, PostingsEnum.NONE);
      if (isAny(live, documents)) {
        writer.deleteDocuments(new Term(ID, BytesRef.deepCopyOf(id)));
      }
    }
  }

  /** Whether one of some documents is live; without {@code live} all are. */
  private static boolean isAny(@Nullable Bits live, DocIdSetIterator documents) throws IOException {
    int document = documents.nextDoc();
    while (document != DocIdSetIterator.NO_MORE_DOCS && live != null && !live.get(document)) {
      document = documents.nextDoc();
    }
    return document != DocIdSetIterator.NO_MORE_DOCS;
  }

  /** All documents of a block. */
  static Query is(String kind, String id) {
    return new TermQuery(block(kind, id));
  }

  static Query parents(String kind) {
    return new TermQuery(new Term(PARENT, kind));
  }

  /** Documents with these values; of all if there are none. */
  static Query filter(Map<String, String> fields) {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    fields.forEach(
        (key, value) ->
            query.add(new TermQuery(new Term(USER + key, value)), BooleanClause.Occur.FILTER));
    return query.build();
  }

  static String id(Document parent) {
    return parent.get(STORED_ID);
  }

  static Map<String, String> fields(Document parent) {
    Map<String, String> fields = new HashMap<>();
    for (IndexableField field : parent) {
      if (field.name().startsWith(STORED)) {
        fields.put(field.name().substring(STORED.length()), field.stringValue());
      }
    }
    return fields;
  }
}
