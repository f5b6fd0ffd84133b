// What is drawn live over the image of a movie. Kept with its view, so that sessions have it.

export interface IsolinesSettings {
  isOn: boolean;
  count: number; // of levels, spread between the lowest and the highest value of the frame
  levels: string; // "100,120.5": these instead; "": count of them
  smooth: number; // px, standard deviation of the Gaussian before
}

export interface HillshadeSettings {
  isOn: boolean;
  azimuth: number; // degrees, 0 is the top, 90 the right
  elevation: number; // degrees above the horizon
  z: number; // height of one unit of the values in pixels; 0: not chosen yet
  smooth: number; // px, standard deviation of a Gaussian before
  opacity: number; // 0 to 1
}

export interface DrainageSettings {
  isOn: boolean;
  isLog: boolean;
  smooth: number;
  opacity: number;
}

export interface EventSettings {
  isOn: boolean;
  line: string; // "horizontal", "vertical": through the cross; "zone:NAME": along a drawn line; "": the first there is
  width: number; // px averaged on each side of the line
  extent: string; // global, local
  smooth: number; // px, box over the running sum
}

export interface OverlaySettings {
  isolines: IsolinesSettings;
  hillshade: HillshadeSettings;
  drainage: DrainageSettings;
  events: EventSettings;
}

export type OverlayName = keyof OverlaySettings;

export const defaultOverlays = (): OverlaySettings => ({
  isolines: { isOn: false, count: 3, levels: '', smooth: 2 },
  hillshade: { isOn: false, azimuth: 315, elevation: 45, z: 0, smooth: 1, opacity: 0.6 },
  drainage: { isOn: false, isLog: true, smooth: 2, opacity: 0.8 },
  events: { isOn: false, line: '', width: 0, extent: 'global', smooth: 1 },
});
