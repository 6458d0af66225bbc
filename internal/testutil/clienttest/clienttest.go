// Package clienttest has the clients and calls that the external tests of package restorejobs
// share with the suites. Its own tests are those of package restorejobs.
package clienttest

import (
	"context"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// IDs and bodies of [Succeed].
const (
	ProjectID = "5ba5e0000000000000000001"
	ClusterID = "5ba5e0000000000000000002"
	JobID     = "5ba5e0000000000000000003"
	Job       = `{"id":"` + JobID + `","statusName":"FINISHED"}`
	Page      = `{"results":[` + Job + `],"totalCount":1}`
)

// JSONType is the media type of the API's responses.
const JSONType = "application/json"

// New returns a client that retries without a delay. The end of the test closes it.
func New(tb testing.TB, credentials restorejobs.Credentials, opts ...restorejobs.Option) *restorejobs.Client {
	tb.Helper()
	withoutDelay := restorejobs.WithRetry(restorejobs.RetryPolicy{MinDelay: -1})
	client, err := restorejobs.NewClient(credentials, append([]restorejobs.Option{withoutDelay}, opts...)...)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		_ = client.RevokeToken(context.WithoutCancel(tb.Context()))
		client.CloseIdleConnections()
	})
	return client
}

// ForServer is [New] with a bearer token and the address of a server.
func ForServer(tb testing.TB, server *testutil.Server, opts ...restorejobs.Option) *restorejobs.Client {
	tb.Helper()
	return New(tb, Bearer("s3cr3t-token"), append([]restorejobs.Option{restorejobs.WithBaseURL(server.URL)}, opts...)...)
}

// Bearer returns credentials with one token.
func Bearer(token string) restorejobs.Credentials {
	return restorejobs.BearerToken(func(context.Context) (string, error) { return token, nil })
}

// ShortContext returns a context that ends after 30 seconds: the limit of a call on a busy
// machine.
func ShortContext(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

// Succeed is a handler with a valid response to each of [Calls].
func Succeed(w http.ResponseWriter, r *http.Request) {
	body := Job
	switch {
	case r.Method == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
		return
	case strings.HasSuffix(r.URL.Path, "/restorableTimeRanges"):
		body = `[{"start":{"date":"2018-09-10T20:04:48Z","increment":1},"end":{"date":"2018-09-10T20:04:49Z","increment":1}}]`
	case strings.HasSuffix(r.URL.Path, "/automationStatus"):
		body = `{"goalVersion":7,"processes":[]}`
	case r.Method == http.MethodGet && isList(r.URL.Path):
		body = Page
	}
	testutil.Respond(http.StatusOK, body, "Content-Type", JSONType)(w, r)
}

func isList(path string) bool {
	for _, suffix := range []string{"/restoreJobs", "/snapshots", "/collectionRestoreJobs", "/collections", "/databases"} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	return false
}

// Call is one of the calls of a client.
type Call struct {
	Name string
	Run  func(context.Context, *restorejobs.Client) error
}

// Calls returns a call of each operation.
func Calls() []Call {
	return []Call{
		{"Get", Get},
		{"List", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := Jobs(c).List(ctx, restorejobs.ListOptions{})
			return err
		}},
		{"All", func(ctx context.Context, c *restorejobs.Client) error {
			for _, err := range Jobs(c).All(ctx, restorejobs.ListOptions{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Create", Create},
		{"Cancel", func(ctx context.Context, c *restorejobs.Client) error {
			return c.AtlasV2.Cluster(ProjectID, "Cluster0").Jobs.Cancel(ctx, JobID)
		}},
		{"RestorableTimeRanges", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := Jobs(c).RestorableTimeRanges(ctx)
			return err
		}},
		{"GetSnapshot", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := c.OpsManager.Cluster(ProjectID, ClusterID).Snapshots.Get(ctx, JobID)
			return err
		}},
		{"AllSnapshots", func(ctx context.Context, c *restorejobs.Client) error {
			for _, err := range c.OpsManager.Cluster(ProjectID, ClusterID).Snapshots.All(ctx, restorejobs.SnapshotOptions{}) {
				return err
			}
			return nil
		}},
		{"CreateSnapshot", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := c.AtlasV2.Cluster(ProjectID, "Cluster0").Snapshots.Create(ctx, restorejobs.SnapshotRequest{})
			return err
		}},
		{"AutomationStatus", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := c.OpsManager.AutomationStatus(ctx, ProjectID)
			return err
		}},
		{"Do", func(ctx context.Context, c *restorejobs.Client) error {
			var out map[string]any
			return c.Do(ctx, http.MethodGet, "/api/public/v1.0/groups", nil, &out)
		}},
		{"GetCollectionJob", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := collectionJobs(c).Get(ctx, JobID)
			return err
		}},
		{"CreateCollectionJob", func(ctx context.Context, c *restorejobs.Client) error {
			_, err := collectionJobs(c).Create(ctx, restorejobs.CollectionRestore{
				Point:       restorejobs.FromSnapshot("5ba5e0000000000000000004"),
				Target:      restorejobs.ToCluster(ProjectID, "Cluster0"),
				Collections: []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
			})
			return err
		}},
		{"AllCollectionJobs", func(ctx context.Context, c *restorejobs.Client) error {
			return firstError(collectionJobs(c).All(ctx, restorejobs.ListOptions{}))
		}},
		{"AllRestoredCollections", func(ctx context.Context, c *restorejobs.Client) error {
			return firstError(collectionJobs(c).Collections(ctx, JobID))
		}},
		{"AllDatabases", func(ctx context.Context, c *restorejobs.Client) error {
			return firstError(c.AtlasV2.Cluster(ProjectID, "Cluster0").Snapshots.Databases(ctx, "5ba5e0000000000000000004"))
		}},
	}
}

func collectionJobs(c *restorejobs.Client) *restorejobs.CollectionJobs {
	return c.AtlasV2.Cluster(ProjectID, "Cluster0").CollectionJobs
}

// firstError returns the error of a list.
func firstError[T any](items iter.Seq2[T, error]) error {
	for _, err := range items {
		if err != nil {
			return err
		}
	}
	return nil
}

// Jobs returns the jobs of an Ops Manager cluster.
func Jobs(c *restorejobs.Client) *restorejobs.Jobs {
	return c.OpsManager.Cluster(ProjectID, ClusterID).Jobs
}

// Get gets a job of [Jobs].
func Get(ctx context.Context, c *restorejobs.Client) error {
	_, err := Jobs(c).Get(ctx, JobID)
	return err
}

// Create creates a download of a snapshot, in [Jobs].
func Create(ctx context.Context, c *restorejobs.Client) error {
	_, err := Jobs(c).Create(ctx, restorejobs.FromSnapshot("5ba5e0000000000000000004"), restorejobs.ToDownload())
	return err
}
