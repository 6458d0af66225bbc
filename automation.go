package restorejobs

import (
	"context"
	"net/http"

	"example.com/restorejobs/internal/api"
)

// AutomationStatus reads how far the servers of a project have applied its automation configuration.
// Cloud Manager and Ops Manager. The request is retried as reads are.
//
// Read it before [Jobs.Create], and pass its GoalVersion to [WaitOptions.GoalVersion]: then the wait
// knows which change of the configuration is that of the restore.
//
// API: Cloud Manager and Ops Manager "Automation Status".
func (m ManagerService) AutomationStatus(ctx context.Context, projectID string) (*AutomationStatus, error) {
	p := automationAPI{client: m.client, endpoint: m.cluster, projectID: projectID}
	reading, err := p.readStatus(ctx)
	if err != nil {
		return nil, err
	}
	return reading.status, nil
}

// automationAPI makes the requests about the deployment of one project.
type automationAPI struct {
	client    *Client
	endpoint  *endpoint
	projectID string
	retryMode api.RetryMode // of reads: a wait has its own retries
}

const readStatusOperation = "get automation status"

func (a *automationAPI) readStatus(ctx context.Context) (automationReading, error) {
	req, err := a.newRequest(sourceCall{
		operation: readStatusOperation,
		method:    http.MethodGet,
		path:      a.projectPath() + "/automationStatus",
	})
	if err != nil {
		return automationReading{}, err
	}
	return send(ctx, a.client, req, func(resp *api.Response) (automationReading, error) {
		status, err := decodeAutomationStatus(resp.Body)
		return automationReading{status: status, serverTime: api.ServerTime(resp.Header)}, err
	})
}

func (a *automationAPI) projectPath() string {
	return a.endpoint.pathPrefix + api.EscapeSegment(a.projectID)
}

func (a *automationAPI) newRequest(call sourceCall) (*api.Request, error) {
	problems := invalidIDs(pathParam{"projectID", a.projectID})
	req, err := newProductRequest(a.client, a.endpoint.variant, &call, problems)
	if err != nil {
		return nil, err
	}
	req.Retry = a.retryMode
	return req, nil
}
