package restorejobs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSnapshot_string(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":"S","status":"completed","createdAt":"2026-08-10T05:28:08+02:00"}`: "snapshot S completed of 2026-08-10T03:28:08Z",
		`{"id":"S","status":"queued"}`:                                            "snapshot S pending",
		`{}`:                                                                      "snapshot without id unknown",
	} {
		var snapshot Snapshot
		require.NoError(t, json.Unmarshal([]byte(body), &snapshot))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			assert.Equal(t, want, fmt.Sprintf(verb, snapshot))
			assert.Equal(t, want, fmt.Sprintf(verb, &snapshot))
		}
	}
}

func TestSnapshot_logValue(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&text, nil))
	logger.Info("m", "s", Snapshot{
		ID:           "S\n",
		Status:       "queued",
		SnapshotType: SnapshotTypeOnDemand,
		CreatedAt:    time.Date(2026, 8, 10, 3, 28, 8, 0, time.UTC),
	})
	assert.Contains(t, text.String(), `s.state=pending s.time=2026-08-10T03:28:08.000Z s.status=queued s.snapshotType=onDemand`)
	text.Reset()
	logger.Info("m", "s", &Snapshot{Complete: true, MissingShards: []MissingShard{{}}})
	assert.Contains(t, text.String(), `s.id="" s.state=completed s.missingShards=1`)
}

func TestSnapshot_printsNoControlCharacters(t *testing.T) {
	t.Parallel()
	for _, character := range []string{"\u202e", "\x1b", "\n", "\u2028", "\xff"} {
		text := "a" + character + "b"
		for _, value := range []any{
			Snapshot{ID: text, Status: SnapshotStatus(text), Description: text},
			SnapshotPart{TypeName: text, MachineID: text},
			MissingShard{ShardName: text, Links: []Link{{Rel: text}}},
			NamespaceFilterList{FilterList: []string{text}, FilterType: text},
			SnapshotMember{ReplicaSetName: text},
		} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				assert.NotContains(t, fmt.Sprintf(verb, value), character, "%s of %T", verb, value)
			}
		}
	}
}
