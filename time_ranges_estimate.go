package restorejobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/parallel"
)

// estimateTimeRanges returns the window in which the settings permit a point in time.
func (j *Jobs) estimateTimeRanges(ctx context.Context) ([]TimeRange, error) {
	facts := windowFacts{jobs: j}
	if err := parallel.ForEach(ctx, windowRequests, windowRequests, facts.read); err != nil {
		return nil, err
	}
	switch {
	case facts.clusterErr != nil:
		return nil, facts.clusterErr
	case !facts.cluster.value.PITEnabled, errors.Is(facts.scheduleErr, ErrorCodeBackupConfigNotFound):
		return []TimeRange{}, nil
	case facts.scheduleErr != nil:
		return nil, facts.scheduleErr
	case facts.schedule.value.RestoreWindowDays <= 0:
		return nil, fmt.Errorf("restorejobs: %s: the backup schedule has no restoreWindowDays", timeRangesOperation)
	}
	end := facts.schedule.sentAt
	return []TimeRange{{
		Start:     Timestamp{Date: facts.schedule.value.windowStart(end)},
		End:       Timestamp{Date: end},
		Estimated: true,
	}}, nil
}

// windowRequests is the number of requests for windowFacts.
const windowRequests = 2

// windowFacts reads what the window of a cluster follows from. Both responses are needed: without
// point in time restores an error of the schedule does not matter.
type windowFacts struct {
	jobs        *Jobs
	cluster     setting[clusterBackup]
	clusterErr  error
	schedule    setting[backupSchedule]
	scheduleErr error
}

func (w *windowFacts) read(ctx context.Context, i int) error {
	if i == 0 {
		w.cluster, w.clusterErr = getSetting[clusterBackup](ctx, w.jobs, "")
	} else {
		w.schedule, w.scheduleErr = getSetting[backupSchedule](ctx, w.jobs, "/backup/schedule")
	}
	return nil // the errors are compared when both are known
}

// clusterBackup is the part of a cluster that decides whether it has a window.
type clusterBackup struct {
	PITEnabled bool `json:"pitEnabled"`
}

// backupSchedule is the part of a backup schedule that decides how long the window is.
type backupSchedule struct {
	RestoreWindowDays int `json:"restoreWindowDays"`
	Policies          []struct {
		Items []backupPolicyItem `json:"policyItems"`
	} `json:"policies"`
}

// backupPolicyItem is how often snapshots are taken and how long they are kept.
type backupPolicyItem struct {
	FrequencyType  string `json:"frequencyType"`
	RetentionUnit  string `json:"retentionUnit"`
	RetentionValue int    `json:"retentionValue"`
}

// windowStart returns the start of the window: no longer ago than hourly snapshots are kept.
func (b *backupSchedule) windowStart(end time.Time) time.Time {
	start := end.AddDate(0, 0, -b.RestoreWindowDays)
	hourly := end // the oldest hourly snapshot
	for _, policy := range b.Policies {
		for _, item := range policy.Items {
			if kept := item.keptSince(end); strings.EqualFold(item.FrequencyType, "hourly") && kept.Before(hourly) {
				hourly = kept
			}
		}
	}
	if hourly.Before(end) && hourly.After(start) {
		return hourly
	}
	return start
}

// keptSince returns the time of the oldest snapshot of the item, end if unknown.
func (b backupPolicyItem) keptSince(end time.Time) time.Time {
	n := max(b.RetentionValue, 0)
	switch strings.ToLower(b.RetentionUnit) {
	case "days":
		return end.AddDate(0, 0, -n)
	case "weeks":
		return end.AddDate(0, 0, -7*n)
	case "months":
		return end.AddDate(0, -n, 0)
	case "years":
		return end.AddDate(-n, 0, 0)
	default:
		return end
	}
}

// setting is a document about a cluster, and when the service sent it.
type setting[T any] struct {
	value  T
	sentAt time.Time // by the server's clock, if known
}

// getSetting reads a document below the cluster.
func getSetting[T any](ctx context.Context, j *Jobs, pathSuffix string) (setting[T], error) {
	req, err := j.sourceAPI.newRequest(sourceCall{
		operation:  timeRangesOperation,
		method:     http.MethodGet,
		path:       j.endpoint.clusterPath(j.projectID, j.clusterID) + pathSuffix,
		apiVersion: atlasVersion20240805,
		isSince:    true,
	})
	if err != nil {
		return setting[T]{}, err
	}
	return send(ctx, j.client, req, func(resp *api.Response) (setting[T], error) {
		read := setting[T]{sentAt: api.ServerTime(resp.Header)}
		if read.sentAt.IsZero() {
			read.sentAt = time.Now()
		}
		read.sentAt = read.sentAt.UTC().Truncate(time.Second)
		body, err := requireBody(resp.Body)
		if err != nil {
			return read, err
		}
		body, _, err = unwrapEnvelope(body)
		if err != nil {
			return read, err
		}
		err = json.Unmarshal(body, &read.value)
		var typeErr *json.UnmarshalTypeError
		if errors.As(err, &typeErr) && typeErr.Field != "" {
			err = nil // a member of another type is unknown
		}
		return read, err
	})
}
