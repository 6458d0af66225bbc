package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

func TestSnapshotsCreate_everySource(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
				source := sourceOf(t, server, scope)
				request := restorejobs.SnapshotRequest{RetentionDays: 2}
				if scope != restorejobstest.OpsManagerCluster {
					request.Description = "before the migration"
				}
				requestsBefore := len(server.Requests())
				created, err := source.Snapshots.Create(t.Context(), request)
				if !source.Supports(restorejobs.CapabilityOnDemandSnapshots) {
					require.ErrorIs(t, err, errors.ErrUnsupported)
					assert.Len(t, server.Requests(), requestsBefore)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, restorejobs.SnapshotPending, created.State())
				assert.NotContains(t, scope.Snapshots(), created.ID)
				assert.Equal(t, request.Description, created.Description)
				read, err := source.Snapshots.Get(t.Context(), created.ID)
				require.NoError(t, err)
				assert.Equal(t, created.ID, read.ID)

				done, err := source.Snapshots.Wait(t.Context(), created.ID, restorejobs.WaitOptions{})
				require.NoError(t, err)
				assert.True(t, done.IsRestorable())
				newest, err := source.Snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{})
				require.NoError(t, err)
				if scope != restorejobstest.OpsManagerCluster {
					return // the clock of a bubble is older than the snapshots of a new server
				}
				assert.NotEmpty(t, newest.ID)
			})
		})
	}
}

func TestSnapshotsCreate_shardedCluster(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithShards(2))
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.AtlasV2Cluster
		snapshots := client.AtlasV2.Cluster(scope.Project(), scope.Sharded()).Snapshots
		created, err := snapshots.Create(t.Context(), restorejobs.SnapshotRequest{})
		require.NoError(t, err)
		assert.Equal(t, restorejobs.SnapshotOfShardedCluster, created.Type)
		done, err := snapshots.Wait(t.Context(), created.ID, restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.True(t, done.IsRestorable())
		notFound := 0
		for _, request := range server.Requests() {
			if request.Status == http.StatusNotFound {
				notFound++
			}
		}
		assert.Equal(t, 1, notFound, "later polls use the path that has the snapshot")
	})
}

func TestSnapshotsCreate_busy(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		snapshots := sourceOf(t, server, restorejobstest.AtlasV2Cluster).Snapshots
		_, err := snapshots.Create(t.Context(), restorejobs.SnapshotRequest{})
		require.NoError(t, err)
		_, err = snapshots.Create(t.Context(), restorejobs.SnapshotRequest{})
		require.ErrorIs(t, err, restorejobs.ErrBusy)
		require.ErrorIs(t, err, restorejobs.ErrorCodeUnfinishedOnDemandSnapshot)
	})
}

// TestSnapshotsCreate_lostResponse: one request, and an error that names the list.
func TestSnapshotsCreate_lostResponse(t *testing.T) {
	t.Parallel()
	sources := map[string]func(*restorejobs.Client) *restorejobs.Source{
		"POST /backup/snapshots":           func(c *restorejobs.Client) *restorejobs.Source { return c.AtlasV2.Cluster("p", "c") },
		"POST /snapshots/onDemandSnapshot": func(c *restorejobs.Client) *restorejobs.Source { return c.OpsManager.Cluster("p", "c") },
	}
	for create, source := range sources {
		for name, respond := range map[string]func() (*http.Response, error){
			"lost": func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
			"500":  func() (*http.Response, error) { return testutil.APIError(http.StatusInternalServerError, "X"), nil },
			"503":  func() (*http.Response, error) { return testutil.APIError(http.StatusServiceUnavailable, "X"), nil },
			"web page": func() (*http.Response, error) {
				return testutil.Response(200, "<html>", "Content-Type", "text/html"), nil
			},
			"not JSON": func() (*http.Response, error) { return testutil.JSON(http.StatusOK, `{"id":`), nil },
		} {
			service := newSnapshotService()
			service.on("GET /snapshots", http.StatusOK, cloudList())
			posts := 0
			transport := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost {
					posts++
					return respond()
				}
				return service.RoundTrip(r)
			})
			start := time.Now()
			_, err := source(clientOn(t, transport)).Snapshots.Create(t.Context(), restorejobs.SnapshotRequest{RetentionDays: 1})
			require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown, "%s: %s", create, name)
			require.ErrorContains(t, err, "whether a snapshot was taken: use Snapshots.All before creating again")
			var unknown *restorejobs.OutcomeUnknownError
			require.ErrorAs(t, err, &unknown)
			assert.False(t, unknown.Start.Before(start))
			_, err = unknown.Find(t.Context())
			require.ErrorIs(t, err, errors.ErrUnsupported)
			assert.Equal(t, 1, posts, "%s: %s", create, name)
		}
	}
}

func clientOn(t *testing.T, transport http.RoundTripper) *restorejobs.Client {
	t.Helper()
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(transport),
		restorejobs.WithBaseURL("https://api.example.net"), restorejobs.WithRetry(restorejobs.RetryPolicy{MinDelay: -1}))
	require.NoError(t, err)
	return client
}

func TestSnapshotsCreate_responseWithoutID(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on("POST /backup/snapshots", http.StatusOK, `{"status":"queued"}`)
	_, err := service.atlas(t).Create(t.Context(), restorejobs.SnapshotRequest{})
	require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	require.ErrorContains(t, err, "no id")
}

func TestSnapshotsCreate_invalidArguments(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	client := service.client(t)
	_, err := client.AtlasV2.Cluster("a/b", "c").Snapshots.Create(t.Context(), restorejobs.SnapshotRequest{RetentionDays: -1})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "projectID")
	require.ErrorContains(t, err, "RetentionDays")
	_, err = client.OpsManager.Cluster("p", "c").Snapshots.Create(t.Context(), restorejobs.SnapshotRequest{Description: "d"})
	require.ErrorContains(t, err, "Description must be empty")
	require.ErrorContains(t, err, "RetentionDays must be")
	assert.Empty(t, service.requests())
}

// opsManager is an Ops Manager that takes a snapshot and lists others.
type opsManager struct {
	accepted string              // response to the create
	list     func() (n []string) // entries after the create
	isTaken  bool
	lists    int
}

const oldSnapshot = `{"id":"old","complete":true,"created":{"date":"2000-01-01T00:00:00Z","increment":1}}`

func (o *opsManager) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		o.isTaken = true
		return testutil.JSON(http.StatusOK, o.accepted), nil
	}
	entries := []string{oldSnapshot}
	if o.isTaken {
		o.lists++
		entries = append(entries, o.list()...)
	}
	return testutil.JSON(http.StatusOK, `{"results":[`+strings.Join(entries, ",")+`],"links":[{"rel":"self","href":"x"}]}`), nil
}

// created is a pending snapshot of this time after the start of a bubble.
func created(id string, after time.Duration) string {
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(after)
	return fmt.Sprintf(`{"id":%q,"complete":false,"created":{"date":%q,"increment":1}}`, id, at.Format(time.RFC3339))
}

func TestSnapshotsCreate_findsTheNewOne(t *testing.T) {
	t.Parallel()
	const stamp = `{"clusterName":"c","description":"d","timestamp":{"increment":1,"time":946684800,"date":"2000-01-01T00:00:00Z"}}`
	for _, c := range []struct {
		name     string
		accepted string
		list     func(elapsed time.Duration) []string
		want     string
		after    time.Duration
	}{
		{"immediately", stamp, func(time.Duration) []string { return []string{created("new", 0)} }, "new", 0},
		{"empty response", ``, func(time.Duration) []string { return []string{created("new", 0)} }, "new", 0},
		{"response without a timestamp", `{}`, func(time.Duration) []string { return []string{created("new", 3*time.Second)} }, "new", 0},
		{"null timestamp", `{"timestamp":{"increment":null,"time":null,"date":null}}`, func(time.Duration) []string { return []string{created("new", 0)} }, "new", 0},
		{"list in a response", `[]`, func(time.Duration) []string { return []string{created("new", 0)} }, "new", 0},
		{"in an envelope", `{"status":200,"content":` + stamp + `}`, func(time.Duration) []string {
			return []string{created("scheduled", time.Second), created("new", 0)}
		}, "new", 0},
		{"visible later", stamp, func(elapsed time.Duration) []string {
			if elapsed < 12*time.Second {
				return nil
			}
			return []string{created("new", 0)}
		}, "new", 15 * time.Second},
		{"by its timestamp", stamp, func(time.Duration) []string {
			return []string{created("scheduled", 2*time.Second), created("new", 0)}
		}, "new", 0},
		{"visible after a scheduled one", stamp, func(elapsed time.Duration) []string {
			if elapsed < 12*time.Second {
				return []string{created("scheduled", 2*time.Second)}
			}
			return []string{created("scheduled", 2*time.Second), created("new", 0)}
		}, "new", 15 * time.Second},
		{"time with a fraction", `{"timestamp":{"date":"2000-01-01T00:00:00.250Z"}}`, func(time.Duration) []string {
			return []string{created("scheduled", time.Second), created("new", 0)}
		}, "new", 0},
		{"visible after two scheduled ones", stamp, func(elapsed time.Duration) []string {
			scheduled := []string{created("a", time.Second), created("b", 2*time.Second)}
			if elapsed < 12*time.Second {
				return scheduled
			}
			return append(scheduled, created("new", 0))
		}, "new", 15 * time.Second},
		{"at another time than the accepted one", stamp, func(time.Duration) []string {
			return []string{created("new", 3*time.Second)}
		}, "new", 30 * time.Second},
		{"registered after an older start", `{}`, func(time.Duration) []string {
			return []string{created("begun before", -time.Minute), created("new", 0)}
		}, "new", 0},
		{"without a time", `{}`, func(time.Duration) []string { return []string{`{"id":"new"}`} }, "new", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				api := &opsManager{accepted: c.accepted, list: func() []string { return c.list(time.Since(start)) }}
				snapshot, err := clientOn(t, api).OpsManager.Cluster("p", "c").Snapshots.Create(t.Context(), restorejobs.SnapshotRequest{RetentionDays: 1})
				require.NoError(t, err)
				assert.Equal(t, c.want, snapshot.ID)
				assert.Equal(t, c.after, time.Since(start))
			})
		})
	}
}

func TestSnapshotsCreate_cannotBeIdentified(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		accepted   string
		list       []string
		candidates int
		after      time.Duration
		text       string
	}{
		{"never listed", `{}`, nil, 0, 30 * time.Second, "no new snapshot is listed after 30s"},
		{"only one begun before", `{}`, []string{created("before", -time.Minute)}, 0, 30 * time.Second, "no new snapshot is listed after 30s"},
		{"two new ones", `{}`, []string{created("a", 0), created("b", 0)}, 2, 0, "2 snapshots are new: b, a"},
		{
			"two of the same time", `{"timestamp":{"date":"2000-01-01T00:00:00Z","increment":1}}`,
			[]string{created("a", 0), created("b", 0)},
			2, 0, "2 snapshots are new: b, a",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				api := &opsManager{accepted: c.accepted, list: func() []string { return c.list }}
				snapshot, err := clientOn(t, api).OpsManager.Cluster("p", "c").Snapshots.Create(t.Context(), restorejobs.SnapshotRequest{RetentionDays: 1})
				assert.Nil(t, snapshot)
				var unidentified *restorejobs.UnidentifiedSnapshotError
				require.ErrorAs(t, err, &unidentified)
				assert.Equal(t, start, unidentified.Start)
				assert.Len(t, unidentified.Candidates, c.candidates)
				require.NoError(t, unidentified.Err)
				require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
				assert.Equal(t, c.after, time.Since(start))
				assert.Equal(t, "restorejobs: create snapshot: the service has accepted the snapshot, and its id is not known: "+c.text, err.Error())
				assert.Equal(t, err.Error(), fmt.Sprintf("%+v", err))
				assert.Equal(t, fmt.Sprintf("%q", err.Error()), fmt.Sprintf("%q", err))
			})
		})
	}
}

func TestSnapshotsCreate_searchEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		api := &opsManager{accepted: `{}`, list: func() []string { return nil }}
		_, err := clientOn(t, api).OpsManager.Cluster("p", "c").Snapshots.Create(ctx, restorejobs.SnapshotRequest{RetentionDays: 1})
		var unidentified *restorejobs.UnidentifiedSnapshotError
		require.ErrorAs(t, err, &unidentified)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 2, api.lists)
	})
	synctest.Test(t, func(t *testing.T) {
		isTaken := false
		transport := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				isTaken = true
				return testutil.JSON(http.StatusOK, `{}`), nil
			}
			if isTaken {
				return testutil.APIError(http.StatusForbidden, "NO_LONGER"), nil
			}
			return testutil.JSON(http.StatusOK, `{"results":[]}`), nil
		})
		_, err := clientOn(t, transport).OpsManager.Cluster("p", "c").Snapshots.Create(t.Context(), restorejobs.SnapshotRequest{RetentionDays: 1})
		var unidentified *restorejobs.UnidentifiedSnapshotError
		require.ErrorAs(t, err, &unidentified)
		require.ErrorIs(t, unidentified.Err, restorejobs.ErrForbidden)
		require.NotErrorIs(t, err, restorejobs.ErrForbidden, "the create itself was not refused")
		require.ErrorContains(t, err, "NO_LONGER")
	})
}

// TestSnapshotsCreate_listIsRefusedBefore sends no create that could not be found.
func TestSnapshotsCreate_listIsRefusedBefore(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on("GET /snapshots", http.StatusForbidden, `{"error":403,"errorCode":"NO"}`)
	_, err := service.client(t).OpsManager.Cluster("p", "c").Snapshots.Create(t.Context(), restorejobs.SnapshotRequest{RetentionDays: 1})
	require.ErrorIs(t, err, restorejobs.ErrForbidden)
	require.ErrorContains(t, err, "list snapshots: 403")
	for _, request := range service.requests() {
		assert.NotContains(t, request, "POST")
	}
}
