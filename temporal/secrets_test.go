package restoretemporal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// recorder keeps everything that would be sent to Temporal: arguments, results, answers of queries,
// heartbeats, details and failures.
type recorder struct {
	mutex sync.Mutex
	sent  []string
}

func (r *recorder) add(text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.sent = append(r.sent, text)
}

func (r *recorder) all() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return strings.Join(r.sent, "\n")
}

type recordingConverter struct {
	converter.DataConverter

	recorder *recorder
}

func (c *recordingConverter) ToPayload(value any) (*commonpb.Payload, error) {
	payload, err := c.DataConverter.ToPayload(value)
	c.recorder.add(string(payload.GetData()))
	return payload, err
}

func (c *recordingConverter) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	payloads, err := c.DataConverter.ToPayloads(values...)
	for _, payload := range payloads.GetPayloads() {
		c.recorder.add(string(payload.GetData()))
	}
	return payloads, err
}

type recordingFailures struct {
	converter.FailureConverter

	recorder *recorder
}

func (c *recordingFailures) ErrorToFailure(err error) *failurepb.Failure {
	failure := c.FailureConverter.ErrorToFailure(err)
	c.recorder.add(failure.String())
	return failure
}

// record records what the workflow and its activities send.
func (f *fixture) record() *recorder {
	r := &recorder{}
	f.env.SetDataConverter(&recordingConverter{DataConverter: converter.GetDefaultDataConverter(), recorder: r})
	f.env.SetFailureConverter(&recordingFailures{FailureConverter: temporal.GetDefaultFailureConverter(), recorder: r})
	return r
}

const (
	markedPublic = "markedpublickey"
	markedSecret = "marked-secret-0123456789abcdef"
)

func TestSecrets_neverSent(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{
		restorejobstest.AtlasV2Cluster,
		restorejobstest.OpsManagerCluster,
	} {
		for name, run := range map[string]func(t *testing.T, f *fixture){
			"download": func(t *testing.T, f *fixture) {
				_, err := f.restore(f.toDirectory())
				require.NoError(t, err)
			},
			"cluster, failed": func(t *testing.T, f *fixture) {
				f.failJobs()
				_, err := f.restore(f.toCluster())
				require.Error(t, err)
			},
			"lost create": func(t *testing.T, f *fixture) {
				f.faults.lose(CreateActivity, 1)
				_, err := f.restore(f.toDirectory())
				require.NoError(t, err)
			},
			"errors that repeat the credentials": func(_ *testing.T, f *fixture) {
				f.server.InjectFault(restorejobstest.RespondBody(500, "application/json",
					`{"error":500,"detail":"`+markedSecret+" "+markedPublic+`"}`), 30)
				_, _ = f.restore(f.toDirectory())
			},
			"lost download": func(_ *testing.T, f *fixture) {
				f.server.InjectFault(restorejobstest.RespondStatus(500).At(restorejobstest.Downloads), 30)
				_, _ = f.restore(f.toDirectory())
			},
			"cancelled": func(t *testing.T, f *fixture) {
				f.cancelDuring(DownloadActivity)
				_, err := f.restore(f.toDirectory())
				require.True(t, temporal.IsCanceledError(err))
			},
			"delivery with a link in its error": func(_ *testing.T, f *fixture) {
				_, _ = f.restore(f.toDirectory())
			},
			"delivery with a link in its panic": func(_ *testing.T, f *fixture) {
				f.env.RegisterDelayedCallback(f.env.CancelWorkflow, time.Hour)
				_, _ = f.restore(f.toDirectory())
			},
		} {
			t.Run(scope.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) {
					f := newFixture(t, scope, restorejobstest.WithAPIKey(markedPublic, markedSecret))
					if strings.HasPrefix(name, "delivery") {
						f.activities.Directory = ""
						f.activities.Deliver = f.leak
						if strings.HasSuffix(name, "panic") {
							f.activities.Deliver = f.leakInPanic
						}
						f.newEnv()
					}
					recorded := f.record()
					run(t, f)
					_ = f.query()
					text := recorded.all()
					require.Contains(t, text, scope.Cluster(), "something was recorded")
					assert.NotContains(t, text, markedPublic)
					assert.NotContains(t, text, markedSecret)
					links := f.links()
					if scope == restorejobstest.AtlasV2Cluster { // others remove links that were used
						require.NotEmpty(t, links)
					}
					for _, link := range links {
						assert.NotContains(t, text, link)
					}
					assert.NotRegexp(t, `://[^/\s]+/[^\[]`, text, "a link with a path")
				})
			})
		}
	}
}

// The search of the other tests finds a secret that is sent: here in the plan, and so in all payloads.
func TestSecrets_searchFindsWhatIsSent(t *testing.T) {
	t.Parallel()
	withFixture(t, restorejobstest.AtlasV2Cluster, func(t *testing.T, f *fixture) {
		recorded := f.record()
		plan := f.toDirectory()
		plan.Directory = markedSecret
		_, err := f.restore(plan)
		require.NoError(t, err)
		assert.Contains(t, recorded.all(), markedSecret)

		f.activities.Directory = ""
		f.activities.Deliver = func(context.Context, Plan, durable.State) ([]restorejobs.DownloadedFile, error) {
			return nil, fmt.Errorf("%s: %w", markedSecret, fs.ErrExist)
		}
		f.newEnv()
		recorded = f.record()
		plan.Directory = "orders"
		_, err = f.restore(plan)
		require.Error(t, err)
		assert.Contains(t, recorded.all(), markedSecret, "in a failure")
	})
}

// links are the secret parts of the links of all jobs.
func (f *fixture) links() []string {
	f.t.Helper()
	f.server.ClearFaults()
	source, err := f.activities.Client.Source(f.scope.Ref())
	require.NoError(f.t, err)
	var secrets []string
	for job, err := range source.Jobs.All(f.t.Context(), restorejobs.ListOptions{}) {
		require.NoError(f.t, err)
		for _, link := range job.DownloadLinks() {
			parsed, err := url.Parse(link.URL.Reveal())
			require.NoError(f.t, err)
			secrets = append(secrets, strings.TrimPrefix(parsed.RequestURI(), "/"))
			if link.HeaderValue != "" {
				secrets = append(secrets, link.HeaderValue.Reveal())
			}
		}
	}
	return secrets
}

// leak is a delivery whose error has the link.
func (f *fixture) leak(ctx context.Context, _ Plan, state durable.State) ([]restorejobs.DownloadedFile, error) {
	source, err := f.activities.Client.Source(f.scope.Ref())
	if err != nil {
		return nil, err
	}
	job, err := source.Jobs.Get(ctx, state.JobIDs[0])
	if err != nil {
		return nil, err
	}
	links := job.DownloadLinks()
	if len(links) == 0 {
		return nil, errors.New("the job has no link")
	}
	return nil, fmt.Errorf("Get %q: %w", links[0].URL.Reveal(), restorejobs.ErrLinkExpired)
}

// leakInPanic is a delivery whose panic has the link.
func (f *fixture) leakInPanic(ctx context.Context, plan Plan, state durable.State) ([]restorejobs.DownloadedFile, error) {
	_, err := f.leak(ctx, plan, state)
	panic(err)
}

// The place of a delivered file can be a URL, whose user and query are secrets.
func TestSecrets_deliveredPath(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.activities.Directory = ""
		f.activities.Deliver = func(_ context.Context, plan Plan, _ durable.State) ([]restorejobs.DownloadedFile, error) {
			return []restorejobs.DownloadedFile{
				{Path: "s3://" + markedPublic + ":" + markedSecret + "@bucket/" + plan.Directory},
				{Path: "https://bucket/" + plan.Directory + "?signature=" + markedSecret + "#" + markedSecret},
				{Path: "https://bucket/%zz?signature=" + markedSecret},
				{Path: "backups/50% of #1?"},
				{Path: "s3://bucket/a b"},
			}, nil
		}
		f.newEnv()
		recorded := f.record()
		result, err := f.restore(f.toDirectory())
		require.NoError(t, err)
		var paths []string
		for _, file := range result.Files {
			paths = append(paths, file.Path)
		}
		assert.Equal(t, []string{"s3://bucket/orders/monday", "https://bucket/orders/monday", "[link]", "backups/50% of #1?", "s3://bucket/a b"}, paths)
		assert.NotContains(t, recorded.all(), markedPublic)
		assert.NotContains(t, recorded.all(), markedSecret)
	})
}
