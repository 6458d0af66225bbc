package restorejobs

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRestoredCollectionState_everyStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[CollectionStatus]State{
		CollectionStatusNotStarted:       StateRunning,
		CollectionStatusInProgress:       StateRunning,
		CollectionStatusFinalizing:       StateRunning,
		CollectionStatusRollback:         StateRunning,
		CollectionStatusSuccessful:       StateFinished,
		CollectionStatusNotFound:         StateFailed,
		CollectionStatusUnsupported:      StateFailed,
		CollectionStatusNotRestored:      StateFailed,
		CollectionStatusFailed:           StateFailed,
		CollectionStatusIndexBuildFailed: StateFailed,
		"":                               StateUnknown,
		"successful":                     StateUnknown,
		"A_NEW_STATE":                    StateUnknown,
	} {
		collection := RestoredCollection{Status: status}
		assert.Equal(t, want, collection.State(), status)
	}
}

// Only a collection with all of its documents and requested indexes is complete. What is not known is not.
func TestRestoredCollectionIsComplete_everyState(t *testing.T) {
	t.Parallel()
	indexStates := []IndexState{
		"", IndexStateNotStarted, IndexStateInProgress, IndexStateSuccessful, IndexStateFailed, IndexStateNotRestored, "A_NEW_STATE",
	}
	for _, strategy := range []IndexStrategy{"", IndexStrategyAll, IndexStrategyAllExceptTTL, IndexStrategyNone, "A_NEW_STRATEGY"} {
		restoresAll := strategy == "" || strategy == IndexStrategyAll
		complete := map[IndexState]bool{
			"":                    true,
			IndexStateNotStarted:  true,
			IndexStateSuccessful:  true,
			IndexStateNotRestored: !restoresAll,
		}
		for _, indexes := range indexStates {
			collection := RestoredCollection{
				Status:      CollectionStatusSuccessful,
				IndexStatus: CollectionIndexStatus{State: indexes},
			}
			assert.Equal(t, complete[indexes], collection.isComplete(strategy), "indexes %q with strategy %q", indexes, strategy)
		}
	}
	for _, status := range []CollectionStatus{
		"", CollectionStatusNotStarted, CollectionStatusInProgress, CollectionStatusFinalizing, CollectionStatusNotFound,
		CollectionStatusUnsupported, CollectionStatusRollback, CollectionStatusNotRestored, CollectionStatusFailed,
		CollectionStatusIndexBuildFailed, "A_NEW_STATE",
	} {
		collection := RestoredCollection{
			Status:      status,
			IndexStatus: CollectionIndexStatus{State: IndexStateSuccessful},
		}
		assert.False(t, collection.isComplete(IndexStrategyNone), status)
	}
}

func TestRestoredCollectionListID_names(t *testing.T) {
	t.Parallel()
	toItself := RestoredCollection{SourceNamespace: "a.b"}
	toAnother := RestoredCollection{SourceNamespace: "a.b", TargetNamespace: "a.c"}
	assert.NotEqual(t, appendCollectionID(nil, &toItself), appendCollectionID(nil, &toAnother), "one collection can be restored twice")
	renamed := toAnother
	renamed.EffectiveTargetNamespace = "a.c_1"
	assert.Equal(t, appendCollectionID(nil, &toAnother), appendCollectionID(nil, &renamed), "the name in the target is known later")
	nameless := RestoredCollection{TargetNamespace: "a.c"}
	assert.Empty(t, appendCollectionID(nil, &nameless))
}

// The collection of each body is one line, and keeps its text: one that was renamed, one that the snapshot
// does not have, one with members that are null or empty.
func TestRestoredCollection_members(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"sourceNamespace":"sales.orders","targetNamespace":"","effectiveTargetNamespace":"sales.orders","state":"SUCCESSFUL",
			"restoredDocuments":12000,"totalDocuments":12000,"indexStatus":{"state":"SUCCESSFUL","errorMessage":null,"failedIndexes":[]}}`: "collection sales.orders SUCCESSFUL, indexes SUCCESSFUL",
		`{"sourceNamespace":"sales.orders","targetNamespace":"sales.old","effectiveTargetNamespace":"sales.old_1","state":"INDEX_BUILD_FAILED",
			"indexStatus":{"state":"FAILED","errorMessage":"a duplicate key","failedIndexes":[{"name":"i1"}]}}`: "collection sales.orders as sales.old_1 INDEX_BUILD_FAILED, indexes FAILED",
		`{"sourceNamespace":"sales.nothing","effectiveTargetNamespace":"","state":"NOT_FOUND","restoredDocuments":0}`: "collection sales.nothing NOT_FOUND",
		`{"sourceNamespace":"sales.a.b","state":"","indexStatus":null}`:                                               "collection sales.a.b without state",
		`{}`: "collection without name without state",
		`{"sourceNamespace":"a\nb","effectiveTargetNamespace":"c\u202ed","state":"g\u001bh","indexStatus":{"state":"e\nf"}}`: `collection a b as c d g h, indexes e f`,
	} {
		var collection RestoredCollection
		require.NoError(t, json.Unmarshal([]byte(body), &collection))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			assert.Equal(t, want, fmt.Sprintf(verb, collection), verb)
			assert.Equal(t, want, fmt.Sprintf(verb, &collection), verb)
		}
		stored, err := json.Marshal(collection)
		require.NoError(t, err)
		assert.JSONEq(t, body, string(stored))
		collection.RawJSON()[0] = 'x'
		assert.Equal(t, body, string(collection.RawJSON()), "the caller owns a copy")
	}
}

func TestRestoredCollection_marshalsByHand(t *testing.T) {
	t.Parallel()
	collection := RestoredCollection{
		SourceNamespace:          "sales.orders",
		TargetNamespace:          "sales.old",
		EffectiveTargetNamespace: "sales.old_1",
		Status:                   CollectionStatusIndexBuildFailed,
		RestoredDocuments:        12000,
		TotalDocuments:           12001,
		IndexStatus: CollectionIndexStatus{
			State:         IndexStateFailed,
			ErrorMessage:  "a message",
			FailedIndexes: []json.RawMessage{json.RawMessage(`{"name":"i1"}`)},
		},
	}
	assert.Nil(t, collection.RawJSON())
	const want = `{"sourceNamespace":"sales.orders","targetNamespace":"sales.old","effectiveTargetNamespace":"sales.old_1",` +
		`"state":"INDEX_BUILD_FAILED","restoredDocuments":12000,"totalDocuments":12001,` +
		`"indexStatus":{"state":"FAILED","errorMessage":"a message","failedIndexes":[{"name":"i1"}]}}`
	stored, err := json.Marshal(collection)
	require.NoError(t, err)
	assert.Equal(t, want, string(stored))
	var back RestoredCollection
	require.NoError(t, json.Unmarshal(stored, &back))
	back.raw = ""
	assert.Equal(t, collection, back, "what was written reads back")
	stored, err = json.Marshal(RestoredCollection{})
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(stored))
}

// No text of a server changes a line of a terminal or of a log.
func TestRestoredCollection_unprintableCharacters(t *testing.T) {
	t.Parallel()
	for _, character := range []string{"\u202e", "\x1b", "\n", "\u2028", "\xff"} {
		text := "a" + character + "b"
		indexes := CollectionIndexStatus{
			State:         IndexState(text),
			ErrorMessage:  text,
			FailedIndexes: []json.RawMessage{json.RawMessage(text)},
		}
		collection := RestoredCollection{
			SourceNamespace:          text,
			EffectiveTargetNamespace: text + "2",
			Status:                   CollectionStatus(text),
			IndexStatus:              indexes,
		}
		for _, value := range []any{collection, &collection, []RestoredCollection{collection}, indexes} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				assert.NotContains(t, fmt.Sprintf(verb, value), character, "%s of %T", verb, value)
			}
		}
		var line strings.Builder
		slog.New(slog.NewTextHandler(&line, nil)).Info("", "collection", collection)
		assert.NotContains(t, strings.TrimSpace(line.String()), character)
	}
}

func TestRestoredCollectionLogValue_members(t *testing.T) {
	t.Parallel()
	collection := RestoredCollection{
		SourceNamespace:          "sales.orders",
		TargetNamespace:          "sales.old",
		EffectiveTargetNamespace: "sales.old_1",
		Status:                   CollectionStatusInProgress,
		RestoredDocuments:        1,
		TotalDocuments:           2,
		IndexStatus:              CollectionIndexStatus{State: IndexStateNotStarted},
	}
	var texts []string
	for _, attr := range collection.LogValue().Group() {
		texts = append(texts, attr.String())
	}
	assert.Equal(t, []string{
		"source=sales.orders",
		"target=sales.old_1",
		"status=IN_PROGRESS",
		"indexes=NOT_STARTED",
		"restoredDocuments=1",
		"totalDocuments=2",
	}, texts)
}
