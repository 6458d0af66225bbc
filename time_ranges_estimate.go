package restorejobs

import (
	"context"
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
	case facts.cluster.PointInTimeEnabled != TernaryTrue, errors.Is(facts.scheduleErr, ErrorCodeBackupConfigNotFound):
		return []TimeRange{}, nil
	case facts.scheduleErr != nil:
		return nil, facts.scheduleErr
	case facts.schedule.RestoreWindowDays <= 0:
		return nil, fmt.Errorf("restorejobs: %s: the backup schedule has no restoreWindowDays", timeRangesOperation)
	}
	end := facts.schedule.sentAt.UTC().Truncate(time.Second)
	return []TimeRange{{
		Start:     Timestamp{Date: facts.schedule.windowStart(end)},
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
	cluster     *Cluster
	clusterErr  error
	schedule    backupSchedule
	scheduleErr error
}

func (w *windowFacts) read(ctx context.Context, i int) error {
	if i == 0 {
		source := Source{sourceAPI: w.jobs.sourceAPI}
		w.cluster, w.clusterErr = source.getCluster(ctx, timeRangesOperation)
	} else {
		w.schedule, w.scheduleErr = w.jobs.getBackupSchedule(ctx)
	}
	return nil // the errors are compared when both are known
}

// backupSchedule is the part of a backup schedule that decides how long the window is.
type backupSchedule struct {
	RestoreWindowDays int `json:"restoreWindowDays"`
	Policies          []struct {
		Items []backupPolicyItem `json:"policyItems"`
	} `json:"policies"`

	sentAt time.Time // by the server's clock, if known
}

// backupPolicyItem is how often snapshots are taken and how long they are kept.
type backupPolicyItem struct {
	FrequencyType  string `json:"frequencyType"`
	RetentionUnit  string `json:"retentionUnit"`
	RetentionValue int    `json:"retentionValue"`
}

// Larger numbers overflow a date.
const (
	maxWindowDays = 36500 // a century
	maxRetention  = 1000
)

// windowStart returns the start of the window: no longer ago than hourly snapshots are kept.
func (b *backupSchedule) windowStart(end time.Time) time.Time {
	start := end.AddDate(0, 0, -min(b.RestoreWindowDays, maxWindowDays))
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
	n := min(max(b.RetentionValue, 0), maxRetention)
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

func (j *Jobs) getBackupSchedule(ctx context.Context) (backupSchedule, error) {
	req, err := j.sourceAPI.newRequest(&sourceCall{
		operation:  timeRangesOperation,
		method:     http.MethodGet,
		path:       j.path + "/backup/schedule",
		apiVersion: atlasVersion20240805,
		isSince:    true,
	})
	if err != nil {
		return backupSchedule{}, err
	}
	return send(ctx, j.client, req, func(resp *api.Response) (backupSchedule, error) {
		schedule := backupSchedule{sentAt: api.ServerTime(resp.Header)}
		if schedule.sentAt.IsZero() {
			schedule.sentAt = time.Now()
		}
		_, err := decodeEntity(resp.Body, &schedule)
		return schedule, err
	})
}
