package restorejobs

import (
	"context"
	"errors"
)

// GoalVersion reads the goal of the project that a destination is in, to be passed to
// [WaitOptions.GoalVersion] after the create. It is 0 where a restore has no such goal: for
// downloads, and for sources that are not of Cloud Manager or Ops Manager; then nothing is sent.
// If the caller may not read it, the error matches [ErrTargetUnknown], as that of the wait would.
//
// API: Cloud Manager and Ops Manager "Automation Status".
func (s *Source) GoalVersion(ctx context.Context, to Destination) (int64, error) {
	projectID, _ := to.Target()
	hasGoal := s.endpoint.isManager() && projectID != ""
	if !hasGoal {
		return 0, nil
	}
	project := automationAPI{
		client:    s.client,
		endpoint:  s.endpoint,
		projectID: projectID,
	}
	reading, err := project.readStatus(ctx)
	var apiErr *Error
	isRefused := errors.As(err, &apiErr) && !isTransient(err)
	switch {
	case isRefused:
		return 0, &targetUnknownError{
			beforeCreate: true,
			project:      projectID,
			err:          err,
		}
	case err != nil:
		return 0, err
	default:
		return reading.status.GoalVersion, nil
	}
}
